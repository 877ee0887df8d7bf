// A data folder on disk: made or recognised by its FORMAT file, held by its LOCK.
#pragma once

#include <string>

namespace sundog::kv {

inline constexpr int kDataFormat = 1;

// Holds the folder for as long as it lives.
class DataFolder {
 public:
  // Creates what is missing. Throws SqlError as OpenRocksStore does.
  explicit DataFolder(std::string path);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string rocksdb_path() const { return path_ + "/rocksdb"; }
  std::string ingest_path() const { return path_ + "/ingest"; }

 private:
  void Lock();
  void RefuseForeignFolder() const;
  void CheckOrWriteFormat() const;
  void WriteFormat() const;

  const std::string path_;
  int lock_fd_ = -1;
};

}  // namespace sundog::kv
