// The TLS files of a data folder.
//
//   ca.pem, ca.key          the folder's own certificate authority, made once. Clients are given
//                           ca.pem as what they trust
//   server.pem, server.key  what it signed for this server; made again when its names have changed,
//                           when less than 30 days of it are left, or when it cannot be used
//
// Keys are for the owner alone (mode 0600). Files are written aside and renamed, the key before its
// certificate: an authority is there once its certificate is. A ca.key that has been taken away, or
// a disk that is full, is in the way only when there is no certificate that could be served.
#pragma once

#include <string>
#include <vector>

#include "auth/certificate.h"

namespace sundog::base {
class Clock;
}

namespace sundog::auth {

// Makes what is missing in the folder, which it makes too, and answers the server's certificate for
// these names (as CertificateName() answers them). Of two servers one waits for the other. Throws
// SqlError or std::runtime_error naming the file.
CertifiedKey OpenTlsFolder(const std::string& folder, const std::vector<std::string>& names,
                           base::Clock& clock);

}  // namespace sundog::auth
