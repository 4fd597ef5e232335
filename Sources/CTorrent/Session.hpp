// What the parts of the shim share. Not visible outside this target.
#pragma once

#include "CTorrent.h"

#include <libtorrent/session.hpp>
#include <libtorrent/torrent_handle.hpp>

#include <cstdio>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace shim {

// A failure with its code; becomes a ct_error at the boundary.
struct failure : std::runtime_error {
    failure(ct_code c, std::string const &text) : std::runtime_error(text), code(c) {}
    ct_code code;
};

inline void copy_text(char (&to)[256], char const *from) { std::snprintf(to, sizeof to, "%s", from); }

// The one place where exceptions end.
template <typename Result, typename Body>
Result guarded(ct_error *error, Result fallback, Body body) noexcept {
    auto report = [error](ct_code code, char const *text) {
        if (!error) return;
        error->code = code;
        copy_text(error->message, text);
    };
    try {
        return body();
    } catch (failure const &f) {
        report(f.code, f.what());
    } catch (std::exception const &e) {
        report(CT_INTERNAL, e.what());
    } catch (...) {
        report(CT_INTERNAL, "unknown C++ exception");
    }
    return fallback;
}

lt::tcp::endpoint endpoint(ct_endpoint const &peer);
lt::address address(char const *host);

// Parsed and found harmless; throws failure.
std::shared_ptr<lt::torrent_info> load_metadata(ct_torrent_options const &options);
// A file's path without the torrent's name in front.
std::string inner_path(lt::file_storage const &files, lt::file_index_t index);

// Copies alerts into events, runs of progress merged into one.
void collect(ct_session &session);

} // namespace shim

struct ct_session {
    std::unique_ptr<lt::session> session;
    // Tickets instead of info-hashes: an alert of a removed torrent must not
    // be taken for one of its successor with the same hash.
    std::map<uint64_t, lt::torrent_handle> torrents;
    std::map<lt::torrent_handle, uint64_t> tickets;
    // Kept here: asking a handle for it waits for libtorrent's thread.
    std::map<uint64_t, std::shared_ptr<lt::torrent_info const>> infos;
    uint64_t next_ticket = 1;
    std::deque<ct_event> events;

    lt::torrent_handle const &handle(uint64_t ticket) const;
};
