// Small files that are read and written whole, so that a crash leaves a whole file or the one
// before:
//
//   WriteAside(path, text, 0600);   // PATH.new, synced
//   PutInPlace(path);               // renamed
//   SyncFolder(folder);             // and there after a power cut
//
// What fails throws SqlError naming the file: 53100 for a full disk, else 58030.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace sundog::base {

// `could not open "x": No such file or directory`; `error` as in errno.
[[noreturn]] void ThrowFileError(std::string_view doing, const std::string& path, int error);

// A descriptor of a file or folder, closed at the end of its life.
class OpenFile {
 public:
  // As open(2), whose descriptor no other program inherits.
  OpenFile(std::string path, int flags, mode_t mode = 0);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int descriptor() const { return descriptor_; }
  std::string ReadAll() const;
  void WriteAll(std::string_view text) const;
  void Sync() const;

 private:
  const std::string path_;
  const int descriptor_;
};

std::string ReadFile(const std::string& path);
void WriteAside(const std::string& path, std::string_view text, mode_t mode);
void PutInPlace(const std::string& path);
void SyncFolder(const std::string& folder);

}  // namespace sundog::base
