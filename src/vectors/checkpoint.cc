#include "vectors/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>

#include "base/bytes.h"
#include "base/file.h"

namespace sundog::vectors {
namespace {

constexpr std::string_view kMagic("sdgraph\x01", 8);
constexpr size_t kBufferBytes = 1 << 20;
constexpr size_t kPieceBytes = 16 << 20;
constexpr size_t kChecksumBytes = 4;

std::string Header(const GraphKey& key, const GraphOptions& options) {
  std::string header(kMagic);
  for (uint32_t part : {key.tenant, key.storage, key.index}) {
    base::AppendLittleEndian(header, part);
  }
  base::AppendLittleEndian(header, static_cast<uint8_t>(options.element));
  base::AppendLittleEndian(header, static_cast<uint8_t>(options.metric));
  for (int32_t part : {options.dimensions, options.m, options.ef_construction}) {
    base::AppendLittleEndian(header, part);
  }
  return header;
}

uint32_t Checksum(uint32_t before, std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

CheckpointWriter::CheckpointWriter(std::string path, const GraphKey& key,
                                   const GraphOptions& options)
    : path_(std::move(path)),
      file_(std::make_unique<base::OpenFile>(path_ + ".new", O_WRONLY | O_CREAT | O_TRUNC, 0600)),
      checksum_(0) {
  Append(Header(key, options));
}

CheckpointWriter::~CheckpointWriter() {
  if (file_) unlink((path_ + ".new").c_str());
}

void CheckpointWriter::Append(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kBufferBytes) WriteOut();
}

void CheckpointWriter::WriteOut() {
  checksum_ = Checksum(checksum_, buffer_);
  file_->WriteAll(buffer_);
  buffer_.clear();
}

void CheckpointWriter::Finish() {
  WriteOut();
  base::AppendLittleEndian(buffer_, checksum_);
  file_->WriteAll(buffer_);
  base::PutInPlace(path_);
  file_.reset();
}

std::unique_ptr<CheckpointReader> CheckpointReader::Open(const std::string& path,
                                                         const GraphKey& key,
                                                         const GraphOptions& options,
                                                         const std::function<bool()>& keep_going) {
  int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  struct stat status;
  void* mapped = MAP_FAILED;
  if (fstat(descriptor, &status) == 0 && status.st_size > 0) {
    mapped = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE,
                  descriptor, 0);
  }
  close(descriptor);
  if (mapped == MAP_FAILED) return nullptr;
  auto size = static_cast<size_t>(status.st_size);
  std::unique_ptr<CheckpointReader> reader(
      new CheckpointReader(static_cast<const char*>(mapped), size));
  std::string header = Header(key, options);
  std::string_view file(reader->mapped_, size);
  if (size < header.size() + kChecksumBytes || !file.starts_with(header)) return nullptr;
  std::string_view content = file.substr(0, size - kChecksumBytes);
  auto expected = base::LoadLittleEndian<uint32_t>(file.data() + content.size());
  uint32_t checksum = 0;
  for (size_t at = 0; at < content.size(); at += kPieceBytes) {
    if (!keep_going()) return nullptr;
    checksum = Checksum(checksum, content.substr(at, kPieceBytes));
  }
  if (checksum != expected) return nullptr;
  reader->rest_ = content.substr(header.size());
  return reader;
}

CheckpointReader::~CheckpointReader() { munmap(const_cast<char*>(mapped_), size_); }

bool CheckpointReader::Read(size_t count, std::string_view& bytes) {
  if (failed_ || rest_.size() < count) {
    failed_ = true;
    return false;
  }
  bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return true;
}

std::string CheckpointPath(const std::string& folder, const GraphKey& key) {
  return fmt::format("{}/{}-{}-{}.graph", folder, key.tenant, key.storage, key.index);
}

bool ParseCheckpointName(const std::string& file_name, GraphKey& key) {
  int end = 0;
  int parts = std::sscanf(file_name.c_str(), "%u-%u-%u.graph%n", &key.tenant, &key.storage,
                          &key.index, &end);
  return parts == 3 && end > 0 && static_cast<size_t>(end) == file_name.size();
}

}  // namespace sundog::vectors
