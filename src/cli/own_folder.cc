#include "cli/own_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>

#include "base/file.h"
#include "cli/environment.h"
#include "control/private_file.h"

namespace sundog::cli {

namespace {

constexpr std::string_view kDatabaseFile = "/database";
constexpr std::string_view kPasswordFile = "/passwords";

std::string PathOf(std::string_view file) { return OwnFolder() + std::string(file); }

// Empty if it is not there.
std::string PathOfExisting(std::string_view file) {
  if (OwnFolder().empty()) return "";
  std::string path = PathOf(file);
  return std::filesystem::exists(path) ? path : "";
}

void MakeOwnFolder() {
  if (OwnFolder().empty()) {
    throw std::runtime_error("there is no home folder; say where to keep things by SUNDOG_HOME");
  }
  std::filesystem::create_directories(OwnFolder());
}

// With the folder, if it is not there.
void Write(std::string_view file, const std::string& text) {
  MakeOwnFolder();
  control::WritePrivateFile(PathOf(file), text);
}

// All lines that begin so.
void ReplacePasswords(std::string_view start, const std::string& line_instead) {
  MakeOwnFolder();
  // Until what was read is written anew: commands may run side by side.
  base::OpenFile held(OwnFolder(), O_RDONLY | O_DIRECTORY);
  if (flock(held.descriptor(), LOCK_EX) != 0) base::ThrowFileError("lock", OwnFolder(), errno);
  std::string kept = control::ReadPrivateFile(PathOf(kPasswordFile)).value_or("");
  std::string text;
  for (size_t at = 0; at < kept.size();) {
    size_t end = std::min(kept.find('\n', at), kept.size() - 1) + 1;
    std::string_view line = std::string_view(kept).substr(at, end - at);
    if (!line.starts_with(start)) text += line;
    at = end;
  }
  // The last one of a file that was written by hand.
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text += line_instead;
  if (text != kept) Write(kPasswordFile, text);
}

// As libpq reads a field.
std::string Escaped(std::string_view field) {
  std::string escaped;
  for (char c : field) {
    if (c == ':' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::string OwnFolder() {
  if (std::string given = Environment("SUNDOG_HOME"); !given.empty()) return given;
  if (std::string config = Environment("XDG_CONFIG_HOME"); !config.empty()) {
    return config + "/sundog";
  }
  std::string home = Environment("HOME");
  return home.empty() ? "" : home + "/.config/sundog";
}

std::string DatabaseInUse() {
  std::string path = PathOfExisting(kDatabaseFile);
  if (path.empty()) return "";
  std::string name = base::ReadFile(path);
  while (name.ends_with('\n')) name.pop_back();
  return name;
}

void UseDatabase(const std::string& name) {
  if (!name.empty()) {
    Write(kDatabaseFile, name + "\n");
  } else if (std::string path = PathOfExisting(kDatabaseFile); !path.empty()) {
    std::filesystem::remove(path);
  }
}

std::string PasswordLineStart(std::string_view host, std::string_view port,
                              std::string_view user) {
  return fmt::format("{}:{}:postgres:{}:", Escaped(host), port, Escaped(user));
}

void KeepPassword(std::string_view host, std::string_view port, std::string_view user,
                  std::string_view password) {
  std::string start = PasswordLineStart(host, port, user);
  ReplacePasswords(start, start + Escaped(password) + "\n");
}

void ForgetPasswords(std::string_view host, std::string_view port, std::string_view database) {
  if (PasswordFile().empty()) return;
  std::string users = PasswordLineStart(host, port, fmt::format("{}.", database));
  users.pop_back();  // the colon behind the user
  ReplacePasswords(users, "");
}

std::string PasswordFile() { return PathOfExisting(kPasswordFile); }

}  // namespace sundog::cli
