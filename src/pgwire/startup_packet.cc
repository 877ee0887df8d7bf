#include "pgwire/startup_packet.h"

#include <fmt/format.h>

#include <cctype>

#include "base/sql_error.h"
#include "pgwire/message_reader.h"

namespace sundog::pgwire {

namespace {

std::vector<std::string> SplitWords(std::string_view options) {
  std::vector<std::string> words;
  bool in_word = false;
  for (size_t i = 0; i < options.size(); ++i) {
    char c = options[i];
    if (std::isspace(static_cast<unsigned char>(c))) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == '\\' && i + 1 < options.size()) c = options[++i];
    words.back() += c;
  }
  return words;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ParseStartupOptions(std::string_view options) {
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> words = SplitWords(options);
  for (size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    std::string assignment;
    if (word == "-c" && i + 1 < words.size()) {
      assignment = words[++i];
    } else if (word.starts_with("--") || word.starts_with("-c")) {
      assignment = word.substr(2);
    }
    size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("invalid command-line argument for server process: {}", word))
          .Fatal();
    }
    std::string name = assignment.substr(0, equals);
    for (char& c : name) {
      if (c == '-') c = '_';
    }
    settings.emplace_back(std::move(name), assignment.substr(equals + 1));
  }
  return settings;
}

StartupPacket ParseStartupPacket(std::string_view body) {
  MessageReader reader(body);
  int32_t version = reader.Int32();
  int32_t major = version >> 16;
  StartupPacket packet;
  packet.minor_version = version & 0xffff;
  if (major != 3) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("unsupported frontend protocol {}.{}: server supports 3.0 to 3.0",
                               major, packet.minor_version))
        .Fatal();
  }
  std::vector<std::pair<std::string, std::string>> settings;
  while (true) {
    std::string name(reader.String());
    if (name.empty()) break;
    std::string value(reader.String());
    if (name == "user") {
      packet.user = value;
    } else if (name == "database") {
      packet.database = value;
    } else if (name == "options") {
      packet.settings = ParseStartupOptions(value);
    } else if (name == "replication") {
      if (value != "false" && value != "off" && value != "0" && value != "no") {
        throw SqlError(sqlstate::kFeatureNotSupported, "replication connections are not supported")
            .Fatal();
      }
    } else if (name.starts_with("_pq_.")) {
      packet.unknown_options.push_back(name);
    } else {
      settings.emplace_back(std::move(name), std::move(value));
    }
  }
  reader.End();
  for (auto& setting : settings) packet.settings.push_back(std::move(setting));
  std::erase_if(packet.settings, [&packet](const auto& setting) {
    if (setting.first != "amzn_cluster_id") return false;
    packet.cluster_id = setting.second;
    return true;
  });
  if (packet.user.empty()) {
    throw SqlError(sqlstate::kInvalidAuthorizationSpecification,
                   "no PostgreSQL user name specified in startup packet")
        .Fatal();
  }
  if (packet.database.empty()) packet.database = packet.user;
  return packet;
}

}  // namespace sundog::pgwire
