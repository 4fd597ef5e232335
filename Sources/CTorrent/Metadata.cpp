// Making metadata, and a second look at metadata that others made.
//
// Swift has read the bytes strictly before they come here; this is the check
// of what libtorrent made of them, for that is what reaches the disk.
#include "Session.hpp"

#include <libtorrent/bencode.hpp>
#include <libtorrent/create_torrent.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/torrent_info.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace shim {

namespace fs = std::filesystem;

static std::string const root = CT_TORRENT_NAME "/";

std::string inner_path(lt::file_storage const &files, lt::file_index_t index) {
    return files.file_path(index).substr(root.size());
}

static bool harmless(std::string const &path) {
    if (path.compare(0, root.size(), root) != 0 || path.size() == root.size()) return false;
    for (auto const &part : fs::path(path))
        if (part.empty() || part == "." || part == ".." || part == "/") return false;
    return path.find('\0') == std::string::npos;
}

std::shared_ptr<lt::torrent_info> load_metadata(ct_torrent_options const &options) {
    if (options.metadata_length > CT_METADATA_LIMIT) throw failure(CT_TOO_LARGE, "metadata over 16 MiB");
    lt::load_torrent_limits limits;
    limits.max_buffer_size = CT_METADATA_LIMIT;
    limits.max_decode_depth = 64;
    std::shared_ptr<lt::torrent_info> info;
    try {
        info = std::make_shared<lt::torrent_info>(
            lt::span<char const>(reinterpret_cast<char const *>(options.metadata), std::ptrdiff_t(options.metadata_length)),
            limits, lt::from_span);
    } catch (std::exception const &e) {
        throw failure(CT_BAD_METADATA, e.what());
    }
    auto refuse = [](char const *why) { throw failure(CT_BAD_METADATA, why); };
    auto const &hashes = info->info_hashes();
    if (!hashes.has_v2() || hashes.has_v1()) refuse("not a v2-only torrent");
    if (std::memcmp(hashes.v2.data(), options.info_hash, CT_HASH_SIZE) != 0) refuse("the info-hash differs");
    if (info->num_files() > 2 * CT_FILE_LIMIT) throw failure(CT_TOO_LARGE, "too many files");
    if (info->piece_length() != CT_PIECE_SIZE) refuse("pieces are not of 16 KiB");
    if (!info->trackers().empty() || !info->web_seeds().empty() || !info->nodes().empty()
        || !info->similar_torrents().empty() || !info->collections().empty())
        refuse("names trackers, web seeds, nodes or other torrents");
    if (!info->v2_piece_hashes_verified()) refuse("lacks piece layers");
    auto const &files = info->files();
    for (auto index : files.file_range()) {
        // libtorrent's own padding between files is fine: it is never written.
        if (files.pad_file_at(index)) continue;
        if (files.file_flags(index) & lt::file_storage::flag_symlink) refuse("has a symbolic link");
        if (files.file_absolute_path(index) || !harmless(files.file_path(index))) refuse("has a harmful path");
    }
    return info;
}

// Regular files below the directory, relative, in byte order.
static std::vector<std::string> list_files(fs::path const &directory) {
    std::vector<std::string> names;
    for (auto const &entry : fs::recursive_directory_iterator(directory)) {
        auto const status = entry.symlink_status();
        if (fs::is_directory(status)) continue;
        if (!fs::is_regular_file(status))
            throw failure(CT_DISK, "neither file nor directory: " + entry.path().lexically_relative(directory).string());
        names.push_back(entry.path().lexically_relative(directory).generic_string());
        if (names.size() > CT_FILE_LIMIT) throw failure(CT_TOO_LARGE, "too many files");
    }
    std::sort(names.begin(), names.end());
    return names;
}

// One piece is one block, so a piece's hash is the plain SHA-256 of its bytes.
static void hash_file(lt::create_torrent &torrent, lt::file_index_t index, fs::path const &path) {
    auto const size = torrent.files().file_size(index);
    std::ifstream stream(path, std::ios::binary);
    std::vector<char> buffer(64 * CT_PIECE_SIZE);
    std::int64_t done = 0;
    lt::piece_index_t::diff_type piece(0);
    while (done < size) {
        auto const wanted = std::min<std::int64_t>(size - done, std::int64_t(buffer.size()));
        if (!stream.read(buffer.data(), wanted)) throw failure(CT_DISK, "cannot read all of " + path.string());
        for (std::int64_t at = 0; at < wanted; at += CT_PIECE_SIZE, ++piece) {
            lt::hasher256 hasher;
            hasher.update({buffer.data() + at, std::ptrdiff_t(std::min<std::int64_t>(CT_PIECE_SIZE, wanted - at))});
            torrent.set_hash2(index, piece, hasher.final());
        }
        done += wanted;
    }
    if (!stream || stream.peek() != std::char_traits<char>::eof())
        throw failure(CT_DISK, "changed while it was read: " + path.string());
}

} // namespace shim

bool ct_metadata_make(char const *directory, uint8_t **bytes, size_t *length, ct_error *error) {
    return shim::guarded<bool>(error, false, [&] {
        std::filesystem::path const base(directory);
        lt::file_storage files;
        std::vector<std::string> names;
        try {
            names = shim::list_files(base);
            for (auto const &name : names)
                files.add_file(shim::root + name, std::int64_t(std::filesystem::file_size(base / name)));
        } catch (std::filesystem::filesystem_error const &e) {
            throw shim::failure(CT_DISK, e.what());
        }
        if (names.size() < 2 || files.total_size() == 0)
            throw shim::failure(CT_BAD_METADATA, "a torrent needs two files or more, and some content");
        lt::create_torrent torrent(
            files, CT_PIECE_SIZE, lt::create_torrent::v2_only | lt::create_torrent::no_attributes);
        torrent.set_creation_date(0);
        // The constructor has put the files into the order of the torrent.
        for (auto index : files.file_range())
            if (!files.pad_file_at(index)) shim::hash_file(torrent, index, base / shim::inner_path(files, index));
        std::vector<char> encoded;
        lt::bencode(std::back_inserter(encoded), torrent.generate());
        if (encoded.size() > CT_METADATA_LIMIT) throw shim::failure(CT_TOO_LARGE, "metadata over 16 MiB");
        auto *copy = static_cast<uint8_t *>(std::malloc(encoded.size()));
        if (!copy) throw std::bad_alloc();
        std::memcpy(copy, encoded.data(), encoded.size());
        *bytes = copy;
        *length = encoded.size();
        return true;
    });
}

void ct_free(uint8_t *bytes) { std::free(bytes); }

bool ct_merkle_root(uint8_t const *hashes, size_t count, uint8_t result[CT_HASH_SIZE]) {
    return shim::guarded<bool>(nullptr, false, [&] {
        size_t width = 1;
        while (width < count) width *= 2;
        // Missing leaves are zeros (BEP 52).
        std::vector<lt::sha256_hash> level(width);
        for (size_t i = 0; i < count; ++i) std::memcpy(level[i].data(), hashes + i * CT_HASH_SIZE, CT_HASH_SIZE);
        for (; width > 1; width /= 2)
            for (size_t i = 0; i < width / 2; ++i) {
                lt::hasher256 hasher;
                hasher.update(level[2 * i]);
                hasher.update(level[2 * i + 1]);
                level[i] = hasher.final();
            }
        std::memcpy(result, level[0].data(), CT_HASH_SIZE);
        return true;
    });
}
