import DNSClient
import DNSCrypto
import DNSWire
import Exchange
import Pipeline
import TestSupport
import Testing

/// A zone that only a key gets, from BIND to a zone file, with the key's file as BIND writes it.
@Suite struct TransferToFilesTests {
    @Test func bind() async throws {
        let outcome = try await Program("tsig-keygen", hint: "apt-get install bind9-utils").run(["-a", "hmac-sha512", "moving.test"])
        let key = try TSIGKey(file: outcome.text)
        #expect(key.name == (try Name("moving.test.")) && key.algorithm == .hmacSHA512)
        let server = try await NameServer(
            zones: ["example.test": TransferTests.zoneText], statements: outcome.text, zoneOptions: "allow-transfer { key moving.test; };")
        let zone = TransferTests.zone
        var transfer = TransferImport(zone: zone, name: "axfr://ns/example.test")
        let batches = DNSClient().transfer(zone, from: .init(host: "127.0.0.1", port: Int(server.port)), key: key)
        for try await batch in batches { transfer.take(batch) }
        let holding = transfer.finish()
        #expect(holding.refusals.isEmpty && holding.count == TransferTests.names.count + 3)

        // The file has what the server's own file has.
        let directory = try TemporaryDirectory("transfer")
        try write(TransferTests.zoneText, to: "\(directory.path)/example.test.zone")
        let own = try Import().read("example.test.zone", in: directory.path)
        #expect(Export(holding, format: .zone).files.map(\.octets) == Export(own, format: .zone).files.map(\.octets))
    }

    @Test(arguments: [
        ("key \"k.test.\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };", "k.test. (hmac-sha256)"),
        ("# x\nkey k { // y\n secret c2VjcmV0; /* z\n; */ algorithm HMAC-SHA1; };\n", "k. (hmac-sha1)"),
    ])
    func good(_ text: String, _ key: String) throws { #expect(try TSIGKey(file: text).description == key) }

    @Test(arguments: [
        ("", "'key'"), ("key", "name"), ("key k", "'{'"), ("key k { };", "algorithm is missing"), ("key k { algorithm hmac-sha256; };", "secret is missing"),
        ("key k { algorithm hmac-md5; secret c2VjcmV0; };", "none of"), ("key k { algorithm hmac-sha256; secret \"?\"; };", "Base64"),
        ("key k { algorithm hmac-sha256; secret c2VjcmV0; }", "';'"), ("key k { algorithm hmac-sha256 secret c2VjcmV0; };", "';'"),
        ("key k { algorithm hmac-sha256; algorithm hmac-sha1; };", "one 'algorithm'"), ("key a..b { algorithm hmac-sha1; secret c2VjcmV0; };", "no name"),
        ("key k { algorithm hmac-sha1; secret \"c2VjcmV0\n; };", "no end"), ("key k { algorithm hmac-sha1; secret c2VjcmV0; }; key l {", "more than one"),
        ("key k { server 1; };", "one 'algorithm'"), ("key { algorithm hmac-sha1;", "name"), ("/* x", "'key'"), ("key k {", "missing"),
    ])
    func bad(_ text: String, _ words: String) {
        let fault = #expect(throws: TSIGKeyFault.self) { try TSIGKey(file: text) }
        #expect(fault?.description.contains(words) == true && fault?.description.contains("c2VjcmV0") == false, "\(fault?.description ?? "")")
    }
}
