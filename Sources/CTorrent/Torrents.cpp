// Adding, starting, asking and removing torrents.
#include "Session.hpp"

#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/torrent_flags.hpp>
#include <libtorrent/torrent_info.hpp>
#include <libtorrent/torrent_status.hpp>

#include <set>

namespace shim {

// The bits of every piece of the named files.
static lt::typed_bitfield<lt::piece_index_t> pieces_of(
    lt::torrent_info const &info, char const *const *names, size_t count) {
    std::set<std::string> wanted(names, names + count);
    lt::typed_bitfield<lt::piece_index_t> have(info.num_pieces(), false);
    auto const &files = info.files();
    for (auto index : files.file_range()) {
        if (files.pad_file_at(index) || !wanted.erase(inner_path(files, index))) continue;
        // Files start on piece boundaries in v2: no piece belongs to two.
        for (auto piece : files.file_piece_range(index))
            have.set_bit(files.piece_index_at_file(index) + piece);
    }
    if (!wanted.empty()) throw failure(CT_BAD_METADATA, "not a file of this torrent: " + *wanted.begin());
    return have;
}

static lt::add_torrent_params params(ct_torrent_options const &options) {
    lt::add_torrent_params p;
    p.ti = load_metadata(options);
    p.save_path = options.directory;
    // The files lie in the directory itself, whatever it is called: take the
    // torrent's own name off every path.
    for (auto index : p.ti->files().file_range())
        if (!p.ti->files().pad_file_at(index)) p.renamed_files[index] = inner_path(p.ti->files(), index);
    p.flags = lt::torrent_flags::paused | lt::torrent_flags::duplicate_is_error | lt::torrent_flags::apply_ip_filter
        | lt::torrent_flags::override_trackers | lt::torrent_flags::override_web_seeds
        | lt::torrent_flags::disable_dht | lt::torrent_flags::disable_lsd;
    if (options.mode == CT_SEED) {
        // Upload mode: should a file prove damaged, nobody's bytes are written
        // over it; it may be linked into other releases.
        p.flags |= lt::torrent_flags::seed_mode | lt::torrent_flags::upload_mode;
        if (options.verified) p.verified_pieces.resize(p.ti->num_pieces(), true);
    } else if (options.complete_count > 0) {
        p.have_pieces = pieces_of(*p.ti, options.complete, options.complete_count);
    }
    for (size_t i = 0; i < options.peer_count; ++i) p.peers.push_back(endpoint(options.peers[i]));
    return p;
}

} // namespace shim

uint64_t ct_torrent_add(ct_session *session, ct_torrent_options const *options, ct_error *error) {
    return shim::guarded<uint64_t>(error, 0, [&]() -> uint64_t {
        auto params = shim::params(*options);
        auto const known = session->session->find_torrent(params.ti->info_hashes().get_best());
        if (known.is_valid()) throw shim::failure(CT_DUPLICATE, "this torrent is in use already");
        auto const info = params.ti;
        auto const handle = session->session->add_torrent(std::move(params));
        auto const ticket = session->next_ticket++;
        session->infos[ticket] = info;
        session->torrents[ticket] = handle;
        session->tickets[handle] = ticket;
        return ticket;
    });
}

bool ct_torrent_start(ct_session *session, uint64_t torrent, ct_error *error) {
    return shim::guarded<bool>(error, false, [&] {
        auto const &handle = session->handle(torrent);
        // resume() is what dials at once, and it does nothing if running.
        handle.pause();
        handle.resume();
        return true;
    });
}

bool ct_torrent_pause(ct_session *session, uint64_t torrent, ct_error *error) {
    return shim::guarded<bool>(error, false, [&] {
        session->handle(torrent).pause();
        return true;
    });
}

bool ct_torrent_add_peers(
    ct_session *session, uint64_t torrent, ct_endpoint const *peers, size_t count, bool dial, ct_error *error) {
    return shim::guarded<bool>(error, false, [&] {
        auto const &handle = session->handle(torrent);
        for (size_t i = 0; i < count; ++i) handle.connect_peer(shim::endpoint(peers[i]));
        if (dial) {
            handle.pause();
            handle.resume();
        }
        return true;
    });
}

bool ct_torrent_flush(ct_session *session, uint64_t torrent, ct_error *error) {
    return shim::guarded<bool>(error, false, [&] {
        session->handle(torrent).flush_cache();
        return true;
    });
}

bool ct_torrent_remove(ct_session *session, uint64_t torrent, ct_error *error) {
    return shim::guarded<bool>(error, false, [&] {
        auto const found = session->torrents.find(torrent);
        if (found == session->torrents.end()) throw shim::failure(CT_UNKNOWN_TORRENT, "no such torrent");
        auto const handle = found->second;
        session->torrents.erase(found);
        session->tickets.erase(handle);
        session->infos.erase(torrent);
        if (handle.is_valid()) session->session->remove_torrent(handle);
        return true;
    });
}

bool ct_torrent_status(ct_session *session, uint64_t torrent, ct_status *status, ct_error *error) {
    return shim::guarded<bool>(error, false, [&] {
        auto const s = session->handle(torrent).status({});
        *status = {};
        status->done = uint64_t(s.total_done);
        status->uploaded = uint64_t(s.total_payload_upload);
        status->downloaded = uint64_t(s.total_payload_download);
        status->wasted = uint64_t(s.total_failed_bytes + s.total_redundant_bytes);
        status->peers = uint32_t(s.num_peers);
        status->checked = s.state != lt::torrent_status::checking_files
            && s.state != lt::torrent_status::checking_resume_data;
        status->finished = s.is_finished;
        return true;
    });
}
