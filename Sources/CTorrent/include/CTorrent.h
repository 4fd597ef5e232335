/// A plain C face for libtorrent-rasterbar 2.0: what seeding and fetching
/// BitTorrent v2 torrents among known peers needs, and nothing else.
///
/// Threads: calls for one session must not overlap; use one queue. `notify` is
/// called from a thread of libtorrent's and must only wake that queue.
/// Blocking: every call may wait for libtorrent's thread; none belongs on a
/// thread that must stay responsive.
/// No C++ exception leaves this library: functions return false or NULL and
/// fill in `ct_error`.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Octets of a v2 info-hash, a piece hash and a Merkle root (SHA-256).
#define CT_HASH_SIZE 32
/// Octets of a piece. Equal to BitTorrent's block, so that a piece has one
/// sender: whoever sent a bad piece is known, and banned.
#define CT_PIECE_SIZE 16384
/// The largest metadata accepted, in octets.
#define CT_METADATA_LIMIT (16 * 1024 * 1024)
/// The largest number of files accepted.
#define CT_FILE_LIMIT 65536
/// The name that every torrent bears; see `ct_torrent_options.directory`.
#define CT_TORRENT_NAME "release"

typedef enum ct_code {
    CT_OK = 0,
    CT_BAD_METADATA,
    CT_TOO_LARGE,
    CT_LISTEN,
    CT_DISK,
    /// The ticket names no torrent (any more).
    CT_UNKNOWN_TORRENT,
    /// The session has that torrent already.
    CT_DUPLICATE,
    CT_BAD_ADDRESS,
    CT_INTERNAL,
} ct_code;

typedef struct ct_error {
    ct_code code;
    char message[256];
} ct_error;

// MARK: Metadata

/// Describes the regular files below `directory`: `d4:info…12:piece layers…e`.
///
/// The same names and contents give the same bytes, whatever the directory is
/// called. Symbolic links and special files are refused. Blocks while every
/// file is read. `*bytes` belongs to the caller: `ct_free`.
bool ct_metadata_make(const char *directory, uint8_t **bytes, size_t *length, ct_error *error);
void ct_free(uint8_t *bytes);

/// The root of the Merkle tree over `count` piece hashes (BEP 52; pieces of one
/// block). `count` of 0 gives zeros.
bool ct_merkle_root(const uint8_t *hashes, size_t count, uint8_t root[CT_HASH_SIZE]);

// MARK: Session

typedef struct ct_session ct_session;

typedef struct ct_session_options {
    /// An IPv4 or IPv6 literal.
    const char *host;
    /// 0: any free port.
    uint16_t port;
    /// Whether peers may tell each other of peers (BEP 11).
    bool peer_exchange;
    /// Called when `ct_session_drain` has something new.
    void (*notify)(void *context);
    void *context;
} ct_session_options;

/// Opens a session and waits until it listens; `*port` is the actual port.
ct_session *ct_session_create(const ct_session_options *options, uint16_t *port, ct_error *error);
/// Stops everything and waits for libtorrent's threads: up to seconds.
/// `notify` is not called any more once this returns.
void ct_session_destroy(ct_session *session);
/// Talks to peers at these addresses only; `everyone` lifts the restriction.
bool ct_session_allow(ct_session *session, const char *const *hosts, size_t count, bool everyone, ct_error *error);

// MARK: Torrents

typedef struct ct_endpoint {
    const char *host;
    uint16_t port;
} ct_endpoint;

typedef enum ct_mode { CT_SEED, CT_FETCH } ct_mode;

typedef struct ct_torrent_options {
    const uint8_t *metadata;
    size_t metadata_length;
    /// What the metadata must hash to.
    const uint8_t *info_hash;
    /// Holds the files themselves, under any name: the torrent's own name does
    /// not appear on disk.
    const char *directory;
    ct_mode mode;
    /// CT_SEED: the caller has checked every file; do not check again on first
    /// request.
    bool verified;
    /// CT_FETCH: files that are in place and checked by the caller.
    const char *const *complete;
    size_t complete_count;
    const ct_endpoint *peers;
    size_t peer_count;
} ct_torrent_options;

/// Adds a torrent, at rest: it is to be started when CT_EVENT_CHECKED comes, so
/// that peers are dialled at once rather than on libtorrent's next tick.
///
/// Returns a ticket, never used twice in a session; 0 on failure.
uint64_t ct_torrent_add(ct_session *session, const ct_torrent_options *options, ct_error *error);
/// Starts or restarts; dials every known peer at once.
bool ct_torrent_start(ct_session *session, uint64_t torrent, ct_error *error);
/// Disconnects the peers and stops.
bool ct_torrent_pause(ct_session *session, uint64_t torrent, ct_error *error);
/// Adds peers, and dials them at once if `dial`.
bool ct_torrent_add_peers(
    ct_session *session, uint64_t torrent, const ct_endpoint *peers, size_t count, bool dial, ct_error *error);
/// Finishes all writes and closes the files; CT_EVENT_FLUSHED tells when.
bool ct_torrent_flush(ct_session *session, uint64_t torrent, ct_error *error);
/// Forgets the torrent; the files stay.
bool ct_torrent_remove(ct_session *session, uint64_t torrent, ct_error *error);

typedef struct ct_status {
    /// Octets of content that are on disk and checked.
    uint64_t done;
    uint64_t uploaded;
    uint64_t downloaded;
    /// Octets received that failed the check or came twice.
    uint64_t wasted;
    uint32_t peers;
    bool checked;
    bool finished;
} ct_status;

bool ct_torrent_status(ct_session *session, uint64_t torrent, ct_status *status, ct_error *error);

// MARK: Events

typedef enum ct_event_kind {
    /// Ready to be started.
    CT_EVENT_CHECKED,
    /// libtorrent wants to read all files: they are not what was said of them,
    /// or there were some although nothing was said.
    CT_EVENT_CHECKING,
    /// The files said to be complete are not there: `message`.
    CT_EVENT_REJECTED,
    /// `amount` more octets are checked.
    CT_EVENT_PROGRESS,
    CT_EVENT_FINISHED,
    CT_EVENT_FLUSHED,
    /// A piece was thrown away: its hash was wrong.
    CT_EVENT_BAD_PIECE,
    /// The torrent stopped: `message`.
    CT_EVENT_FAILED,
    /// Events were lost (`torrent` is 0): ask for the status of every torrent.
    CT_EVENT_LOST,
} ct_event_kind;

typedef struct ct_event {
    ct_event_kind kind;
    uint64_t torrent;
    uint64_t amount;
    char message[256];
} ct_event;

/// Copies up to `capacity` events out; call until it returns 0.
size_t ct_session_drain(ct_session *session, ct_event *events, size_t capacity);

#ifdef __cplusplus
}
#endif
