// COPY's binary format, as bytes; numbers are big-endian:
//
//   header   11  "PGCOPY\n\377\r\n\0"
//             4  flags: 0. The low 16 bits may be anything, the others mean what is not understood
//             4  length of the extension, and so many bytes that are passed over
//   row       2  count of fields
//   field     4  length, -1: null, and so many bytes as the type's send function makes them
//   trailer   2  -1
//
// A row of an integer 7 and a null is 00 02  00 00 00 04 00 00 00 07  ff ff ff ff.
//
//   1. Messages may cut the bytes anywhere, in a number too.
//   2. Reading, data may end without the trailer where a row would begin, even within the two bytes
//      of its count; behind the trailer nothing may come.
//   3. Writing, the header shares its message with what comes first, a row or the trailer: clients
//      count on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "session/client.h"

namespace sundog::session {

// Takes the client's data as it is asked for. Holds one field at most, which grows with the data
// that came, not with the length that was promised. Throws 22P04, with PostgreSQL's texts.
class BinaryCopyReader {
 public:
  explicit BinaryCopyReader(CopyChannel& channel) : channel_(channel) {}

  // Before all others.
  void ReadHeader();
  // Begins a row of so many fields; false at the end.
  bool NextRow(size_t field_count);
  // The row's next field, valid until the next call; none: null. 54000 for more than 1 GB.
  std::optional<std::string_view> NextField();
  // That of the row begun last, from 1; at the end one more.
  uint64_t line() const { return line_; }

 private:
  // The next `size_bytes`, fewer at the end of the data.
  std::string_view Take(size_t size_bytes);
  template <typename T>
  std::optional<T> TakeNumber();
  void Skip(size_t size_bytes);
  // Another message; false at the end.
  bool Receive();

  CopyChannel& channel_;
  std::string_view message_;  // what is left of it
  std::string joined_;        // of several messages
  bool ended_ = false;
  uint64_t line_ = 0;
};

void AppendBinaryCopyHeader(std::string& to);
void AppendBinaryCopyTrailer(std::string& to);

}  // namespace sundog::session
