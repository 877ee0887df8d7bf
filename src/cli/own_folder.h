// What the command line keeps for its user: the database in use, and the passwords of databases
// that it made, so that psql finds them. In $SUNDOG_HOME, else $XDG_CONFIG_HOME/sundog, else
// ~/.config/sundog:
//
//   file      | what
//   ----------+--------------------------------------------------------------------------
//   database  | the name that `sundog use` was given
//   passwords | lines of HOST:PORT:postgres:USER:PASSWORD, mode 0600, as libpq's PGPASSFILE
#pragma once

#include <string>
#include <string_view>

namespace sundog::cli {

// Empty where there is neither of the three: then nothing is kept.
std::string OwnFolder();

// Empty: none.
std::string DatabaseInUse();
// Empty: none any more. This and what keeps passwords throw std::runtime_error where there is no
// folder to keep something in.
void UseDatabase(const std::string& name);

// A line of the file `passwords` up to the password: "127.0.0.1:5432:postgres:a.b:".
std::string PasswordLineStart(std::string_view host, std::string_view port, std::string_view user);
// In place of the one before.
void KeepPassword(std::string_view host, std::string_view port, std::string_view user,
                  std::string_view password);
// Those of all users of a database.
void ForgetPasswords(std::string_view host, std::string_view port, std::string_view database);
// The file's path; empty if there is none.
std::string PasswordFile();

}  // namespace sundog::cli
