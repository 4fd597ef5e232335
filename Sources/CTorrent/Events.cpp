// Alerts become events: copied at once, for alerts die at the next pop_alerts.
#include "Session.hpp"

#include <libtorrent/alert_types.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>

namespace shim {

static void push(ct_session &session, ct_event_kind kind, uint64_t ticket, uint64_t amount, std::string const &text) {
    ct_event event{};
    event.kind = kind;
    event.torrent = ticket;
    event.amount = amount;
    copy_text(event.message, text.c_str());
    session.events.push_back(event);
}

static void convert(ct_session &session, lt::alert *alert) {
    if (lt::alert_cast<lt::alerts_dropped_alert>(alert)) return push(session, CT_EVENT_LOST, 0, 0, "");
    // Every alert of interest below is a torrent_alert; alert_cast needs the
    // concrete type.
    auto ticket_of = [&](lt::torrent_alert const *a) -> uint64_t {
        auto found = session.tickets.find(a->handle);
        return found == session.tickets.end() ? 0 : found->second;
    };
    auto post = [&](lt::torrent_alert const *a, ct_event_kind kind, std::string const &text = {}) {
        if (auto ticket = ticket_of(a)) push(session, kind, ticket, 0, text);
    };
    if (auto *piece = lt::alert_cast<lt::piece_finished_alert>(alert)) {
        auto const ticket = ticket_of(piece);
        if (!ticket) return;
        if (session.events.empty() || session.events.back().kind != CT_EVENT_PROGRESS
            || session.events.back().torrent != ticket)
            push(session, CT_EVENT_PROGRESS, ticket, 0, "");
        session.events.back().amount
            += uint64_t(session.infos.at(ticket)->files().piece_size2(piece->piece_index));
    } else if (auto *checked = lt::alert_cast<lt::torrent_checked_alert>(alert)) {
        post(checked, CT_EVENT_CHECKED);
    } else if (auto *state = lt::alert_cast<lt::state_changed_alert>(alert)) {
        if (state->state == lt::torrent_status::checking_files) post(state, CT_EVENT_CHECKING);
    } else if (auto *rejected = lt::alert_cast<lt::fastresume_rejected_alert>(alert)) {
        post(rejected, CT_EVENT_REJECTED, rejected->error.message() + ": " + rejected->file_path());
    } else if (auto *finished = lt::alert_cast<lt::torrent_finished_alert>(alert)) {
        post(finished, CT_EVENT_FINISHED);
    } else if (auto *flushed = lt::alert_cast<lt::cache_flushed_alert>(alert)) {
        post(flushed, CT_EVENT_FLUSHED);
    } else if (auto *hash = lt::alert_cast<lt::hash_failed_alert>(alert)) {
        post(hash, CT_EVENT_BAD_PIECE);
    } else if (auto *file = lt::alert_cast<lt::file_error_alert>(alert)) {
        post(file, CT_EVENT_FAILED, file->error.message() + ": " + file->filename());
    } else if (auto *failed = lt::alert_cast<lt::torrent_error_alert>(alert)) {
        post(failed, CT_EVENT_FAILED, failed->error.message());
    }
}

void collect(ct_session &session) {
    std::vector<lt::alert *> alerts;
    session.session->pop_alerts(&alerts);
    for (auto *alert : alerts) convert(session, alert);
}

} // namespace shim

size_t ct_session_drain(ct_session *session, ct_event *events, size_t capacity) {
    return shim::guarded<size_t>(nullptr, 0, [&]() -> size_t {
        if (session->events.empty()) shim::collect(*session);
        auto const count = std::min(capacity, session->events.size());
        std::copy_n(session->events.begin(), count, events);
        session->events.erase(session->events.begin(), session->events.begin() + std::ptrdiff_t(count));
        return count;
    });
}
