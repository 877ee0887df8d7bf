#include "exec/sort_run.h"

#include <fmt/format.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/bytes.h"
#include "base/sql_error.h"

namespace sundog::exec {

namespace {

[[noreturn]] void ThrowIo(const char* action) {
  base::SqlState state = errno == ENOSPC ? sqlstate::kDiskFull : sqlstate::kIoError;
  throw SqlError(state, fmt::format("could not {} temporary file: {}", action,
                                    std::strerror(errno)));
}

std::FILE* OpenUnnamed(const std::string& folder) {
  const char* where = folder.empty() ? "/tmp" : folder.c_str();
  int fd = open(where, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    std::string path = fmt::format("{}/sundog-sort-XXXXXX", where);
    fd = mkstemp(path.data());
    if (fd < 0) ThrowIo("create");
    unlink(path.c_str());
  }
  return fdopen(fd, "w+b");
}

}  // namespace

SortRun::SortRun(const std::string& folder, std::vector<types::PhysicalKind> kinds)
    : kinds_(std::move(kinds)), file_(OpenUnnamed(folder)) {}

SortRun::~SortRun() { std::fclose(file_); }

void SortRun::WriteBytes(const void* from, size_t size_bytes) {
  if (std::fwrite(from, 1, size_bytes, file_) != size_bytes) ThrowIo("write");
}

bool SortRun::ReadBytes(void* to, size_t size_bytes) {
  size_t got = std::fread(to, 1, size_bytes, file_);
  if (got == size_bytes) return true;
  if (got != 0 || std::ferror(file_)) ThrowIo("read");
  return false;
}

void SortRun::Write(std::string_view key, const RowStore& rows, size_t row) {
  row_.clear();
  for (size_t i = 0; i < kinds_.size(); ++i) {
    Datum value = rows.At(row, i);
    row_ += value.is_null() ? '\1' : '\0';
    if (value.is_null()) continue;
    if (kinds_[i] == types::PhysicalKind::kVarlen) {
      std::string_view bytes = value.As<std::string_view>();
      base::AppendLittleEndian(row_, static_cast<uint32_t>(bytes.size()));
      row_ += bytes;
    } else {
      row_.append(static_cast<const char*>(value.payload()), types::PhysicalWidth(kinds_[i]));
    }
  }
  uint32_t sizes[2] = {static_cast<uint32_t>(key.size()), static_cast<uint32_t>(row_.size())};
  WriteBytes(sizes, sizeof sizes);
  WriteBytes(key.data(), key.size());
  WriteBytes(row_.data(), row_.size());
}

void SortRun::FinishWriting() {
  if (std::fflush(file_) != 0) ThrowIo("write");
  std::rewind(file_);
}

bool SortRun::Advance() {
  uint32_t sizes[2];
  if (!ReadBytes(sizes, sizeof sizes)) return false;
  key_.resize(sizes[0]);
  row_.resize(sizes[1]);
  if (!key_.empty()) ReadBytes(key_.data(), key_.size());
  if (!row_.empty()) ReadBytes(row_.data(), row_.size());
  return true;
}

void SortRun::ReadRow(types::ChunkBuffer& to, size_t to_row) const {
  const char* at = row_.data();
  for (size_t i = 0; i < kinds_.size(); ++i) {
    if (*at++ != 0) {
      to.column(i).SetNull(to_row);
    } else if (kinds_[i] == types::PhysicalKind::kVarlen) {
      uint32_t size = base::LoadLittleEndian<uint32_t>(at);
      at += sizeof size;
      to.column(i).CopyDatum(to_row, Datum::From(std::string_view(at, size)));
      at += size;
    } else {
      to.column(i).SetDatum(to_row, Datum::FromPayload(at, kinds_[i]));
      at += types::PhysicalWidth(kinds_[i]);
    }
  }
}

namespace {
bool Later(const SortRun* a, const SortRun* b) { return a->key() > b->key(); }
}  // namespace

SortMerge::SortMerge(const std::vector<std::unique_ptr<SortRun>>& runs) {
  for (const auto& run : runs) {
    if (run->Advance()) heap_.push_back(run.get());
  }
  std::make_heap(heap_.begin(), heap_.end(), Later);
}

bool SortMerge::ReadRow(types::ChunkBuffer& to, size_t to_row) {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  heap_.back()->ReadRow(to, to_row);
  if (heap_.back()->Advance()) {
    std::push_heap(heap_.begin(), heap_.end(), Later);
  } else {
    heap_.pop_back();
  }
  return true;
}

}  // namespace sundog::exec
