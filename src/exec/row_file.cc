#include "exec/row_file.h"

#include <fmt/format.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "exec/key_table.h"
#include "runtime/interrupt.h"

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
    std::string path = fmt::format("{}/sundog-rows-XXXXXX", where);
    fd = mkstemp(path.data());
    if (fd < 0) ThrowIo("create");
    unlink(path.c_str());
  }
  return fdopen(fd, "w+b");
}

}  // namespace

RowFile::RowFile(const std::string& folder, std::vector<types::PhysicalKind> kinds)
    : kinds_(std::move(kinds)), file_(OpenUnnamed(folder)) {}

RowFile::~RowFile() { std::fclose(file_); }

void RowFile::WriteBytes(const void* from, size_t size_bytes) {
  if (size_bytes == 0) return;  // then `from` may be null
  if (std::fwrite(from, 1, size_bytes, file_) != size_bytes) ThrowIo("write");
}

bool RowFile::ReadBytes(void* to, size_t size_bytes) {
  size_t got = std::fread(to, 1, size_bytes, file_);
  if (got == size_bytes) return true;
  if (got != 0 || std::ferror(file_)) ThrowIo("read");
  return false;
}

void RowFile::Write(std::string_view key, std::span<const Vector* const> columns, size_t row) {
  row_.clear();
  for (size_t i = 0; i < kinds_.size(); ++i) {
    Datum value = columns[i]->DatumAt(row);
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
  WriteRow(key, row_);
}

void RowFile::WriteRow(std::string_view key, std::string_view columns) {
  uint32_t sizes[2] = {static_cast<uint32_t>(key.size()), static_cast<uint32_t>(columns.size())};
  WriteBytes(sizes, sizeof sizes);
  WriteBytes(key.data(), key.size());
  WriteBytes(columns.data(), columns.size());
  ++row_count_;
}

void RowFile::Rewind() {
  if (std::fflush(file_) != 0) ThrowIo("write");
  std::rewind(file_);
}

bool RowFile::Advance() {
  uint32_t sizes[2];
  if (!ReadBytes(sizes, sizeof sizes)) return false;
  key_.resize(sizes[0]);
  row_.resize(sizes[1]);
  if (!key_.empty()) ReadBytes(key_.data(), key_.size());
  if (!row_.empty()) ReadBytes(row_.data(), row_.size());
  return true;
}

void RowFile::ReadRow(types::ChunkBuffer& to, size_t to_row) const {
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

bool RowFileMerge::Later(const Source& a, const Source& b) {
  int order = a.file->key().compare(b.file->key());
  return order != 0 ? order > 0 : a.number > b.number;
}

RowFileMerge::RowFileMerge(const std::vector<RowFilePtr>& files) {
  for (size_t i = 0; i < files.size(); ++i) {
    if (files[i]->Advance()) heap_.push_back({files[i].get(), i});
  }
  std::make_heap(heap_.begin(), heap_.end(), Later);
}

const RowFile* RowFileMerge::Next() {
  if (last_.file != nullptr && last_.file->Advance()) {
    heap_.push_back(last_);
    std::push_heap(heap_.begin(), heap_.end(), Later);
  }
  last_ = {};
  if (heap_.empty()) return nullptr;
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  last_ = heap_.back();
  heap_.pop_back();
  return last_.file;
}

void LimitFiles(std::vector<RowFilePtr>& files, const std::string& folder) {
  constexpr size_t kMostFiles = 64;
  if (files.size() < kMostFiles) return;
  auto merged = std::make_unique<RowFile>(folder, files[0]->kinds());
  RowFileMerge merge(files);
  while (const RowFile* next = merge.Next()) {
    if (merged->row_count() % types::kVectorSize == 0) runtime::CheckInterrupts();
    merged->Write(*next);
  }
  merged->Rewind();
  files.clear();
  files.push_back(std::move(merged));
}

void RowPartitions::Write(std::string_view key, std::span<const Vector* const> columns,
                          size_t row) {
  // Bits of the hash that the levels above have not used; from the top, as key tables use the
  // lowest.
  size_t i = (KeyTable::Hash(key) >> (60 - 4 * (level_ % 16))) % kCount;
  if (files_[i] == nullptr) files_[i] = std::make_unique<RowFile>(folder_, kinds_);
  files_[i]->Write({}, columns, row);
}

RowFilePtr RowPartitions::Take(size_t i) {
  if (files_[i] != nullptr) files_[i]->Rewind();
  return std::move(files_[i]);
}

namespace {

class RowFileScan : public Operator {
 public:
  RowFileScan(RowFilePtr file, std::vector<types::PhysicalKind> kinds, ExecutionContext& context)
      : Operator(context), file_(std::move(file)), buffer_(kinds) {}

  void Open() override {
    if (file_ != nullptr) file_->Rewind();
  }

  const Chunk* Next() override {
    runtime::CheckInterrupts();
    if (file_ == nullptr) return nullptr;
    buffer_.Reset();
    size_t count = 0;
    while (!buffer_.IsFull(count) && file_->Advance()) file_->ReadRow(buffer_, count++);
    return count == 0 ? nullptr : &buffer_.Finish(count);
  }

  void Close() override {}

 private:
  RowFilePtr file_;
  types::ChunkBuffer buffer_;
};

}  // namespace

OperatorPtr MakeRowFileScan(RowFilePtr file, std::vector<types::PhysicalKind> kinds,
                            ExecutionContext& context) {
  return std::make_unique<RowFileScan>(std::move(file), std::move(kinds), context);
}

}  // namespace sundog::exec
