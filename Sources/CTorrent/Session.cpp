// Opening, closing and restricting a session.
#include "Session.hpp"

#include <libtorrent/alert_types.hpp>
#include <libtorrent/extensions/ut_pex.hpp>
#include <libtorrent/ip_filter.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>

#include <chrono>

namespace shim {

lt::address address(char const *host) {
    lt::error_code ec;
    auto result = lt::make_address(host, ec);
    if (ec) throw failure(CT_BAD_ADDRESS, std::string("not an IP address: ") + host);
    return result;
}

lt::tcp::endpoint endpoint(ct_endpoint const &peer) { return {address(peer.host), peer.port}; }

static lt::settings_pack settings(ct_session_options const &options) {
    using pack = lt::settings_pack;
    pack p;
    auto const host = address(options.host);
    auto const text = host.is_v6() ? "[" + host.to_string() + "]" : host.to_string();
    p.set_str(pack::listen_interfaces, text + ":" + std::to_string(options.port));
    // Dial from the address we listen on: others know and allow us by that.
    if (!host.is_unspecified()) p.set_str(pack::outgoing_interfaces, host.to_string());
    p.set_str(pack::user_agent, "freshet");
    // A port that is taken is an error, never another port.
    p.set_int(pack::max_retry_port_bind, 0);
    p.set_bool(pack::listen_system_port_fallback, false);
    // Only the peers we are told of.
    for (auto setting : {pack::enable_dht, pack::enable_lsd, pack::enable_upnp, pack::enable_natpmp,
             pack::enable_outgoing_utp, pack::enable_incoming_utp, pack::smooth_connects,
             pack::close_redundant_connections})
        p.set_bool(setting, false);
    // Several peers on one machine share its address: told apart by address alone,
    // all but one would be refused. With peer exchange they would dial themselves.
    p.set_bool(pack::allow_multiple_connections_per_ip, !options.peer_exchange);
    // The defaults suit strangers on home lines; here, quick starts among few
    // known machines count.
    p.set_int(pack::unchoke_slots_limit, -1);
    p.set_int(pack::connection_speed, 500);
    p.set_int(pack::torrent_connect_boost, 100);
    p.set_int(pack::min_reconnect_time, 1);
    p.set_int(pack::peer_connect_timeout, 2);
    p.set_int(pack::tick_interval, 100);
    p.set_int(pack::listen_queue_size, 128);
    p.set_int(pack::max_metadata_size, CT_METADATA_LIMIT);
    // One alert a piece, and a torrent has thousands.
    p.set_int(pack::alert_queue_size, 100'000);
    p.set_int(pack::alert_mask, lt::alert_category::status | lt::alert_category::error
            | lt::alert_category::storage | lt::alert_category::piece_progress);
    return p;
}

static uint16_t wait_for_port(lt::session &session) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
        session.wait_for_alert(std::chrono::milliseconds(500));
        std::vector<lt::alert *> alerts;
        session.pop_alerts(&alerts);
        for (auto *alert : alerts) {
            if (auto *good = lt::alert_cast<lt::listen_succeeded_alert>(alert)) {
                if (good->socket_type == lt::socket_type_t::tcp) return uint16_t(good->port);
            } else if (auto *bad = lt::alert_cast<lt::listen_failed_alert>(alert)) {
                throw failure(CT_LISTEN, bad->message());
            }
        }
    }
    throw failure(CT_LISTEN, "no answer to the request to listen");
}

} // namespace shim

lt::torrent_handle const &ct_session::handle(uint64_t ticket) const {
    auto found = torrents.find(ticket);
    if (found == torrents.end() || !found->second.is_valid())
        throw shim::failure(CT_UNKNOWN_TORRENT, "no such torrent");
    return found->second;
}

ct_session *ct_session_create(ct_session_options const *options, uint16_t *port, ct_error *error) {
    return shim::guarded<ct_session *>(error, nullptr, [&] {
        auto result = std::make_unique<ct_session>();
        // Naming the plug-ins leaves the standard ones out: metadata exchange
        // and, unless asked for, peer exchange.
        lt::session_params params(shim::settings(*options), {});
        result->session = std::make_unique<lt::session>(std::move(params));
        if (options->peer_exchange) result->session->add_extension(&lt::create_ut_pex_plugin);
        *port = shim::wait_for_port(*result->session);
        result->session->set_alert_notify(
            [notify = options->notify, context = options->context] { notify(context); });
        return result.release();
    });
}

void ct_session_destroy(ct_session *session) {
    shim::guarded<bool>(nullptr, false, [&] {
        delete session;
        return true;
    });
}

bool ct_session_allow(ct_session *session, char const *const *hosts, size_t count, bool everyone, ct_error *error) {
    return shim::guarded<bool>(error, false, [&] {
        lt::ip_filter filter;
        if (!everyone) {
            filter.add_rule(lt::make_address("0.0.0.0"), lt::make_address("255.255.255.255"), lt::ip_filter::blocked);
            filter.add_rule(lt::make_address("::"), lt::make_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                lt::ip_filter::blocked);
            for (size_t i = 0; i < count; ++i) {
                auto const host = shim::address(hosts[i]);
                filter.add_rule(host, host, 0);
            }
        }
        session->session->set_ip_filter(filter);
        return true;
    });
}
