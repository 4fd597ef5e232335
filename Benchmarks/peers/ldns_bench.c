/* ldns on the files that dnswire-bench makes: parses or builds messages. */
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: %s parse|build MESSAGES ROUNDS\n", argv[0]);
        return 64;
    }
    FILE *file = fopen(argv[2], "rb");
    if (!file) return 66;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    uint8_t *octets = malloc(size);
    if (fread(octets, 1, size, file) != (size_t)size) return 66;
    int rounds = atoi(argv[3]);
    long count = 0, check = 0;
    int build = strcmp(argv[1], "build") == 0;
    ldns_pkt **packets = NULL;
    if (build) {
        for (long at = 0; at + 2 <= size; count++) {
            size_t length = octets[at] << 8 | octets[at + 1];
            packets = realloc(packets, (count + 1) * sizeof *packets);
            if (ldns_wire2pkt(&packets[count], octets + at + 2, length) != LDNS_STATUS_OK) return 65;
            at += 2 + length;
        }
    }
    long messages = 0;
    double start = now();
    for (int round = 0; round < rounds; round++) {
        if (build) {
            for (long i = 0; i < count; i++, messages++) {
                uint8_t *wire;
                size_t length;
                if (ldns_pkt2wire(&wire, packets[i], &length) != LDNS_STATUS_OK) return 65;
                check += length;
                free(wire);
            }
        } else {
            for (long at = 0; at + 2 <= size; messages++) {
                size_t length = octets[at] << 8 | octets[at + 1];
                ldns_pkt *packet;
                if (ldns_wire2pkt(&packet, octets + at + 2, length) != LDNS_STATUS_OK) return 65;
                check += ldns_pkt_ancount(packet) + ldns_pkt_nscount(packet);
                ldns_pkt_free(packet);
                at += 2 + length;
            }
        }
    }
    printf("{\"messages\": %ld, \"seconds\": %.6f, \"check\": %ld}\n", messages, now() - start, check);
    return 0;
}
