#include "session/engine/statement_log.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/clock.h"
#include "types/ascii.h"
#include "types/utf8.h"

namespace sundog::session {

namespace {

constexpr size_t kQueryBytes = 1000;

bool IsNamePart(char c) {
  return types::IsAlpha(c) || types::IsDigit(c) || c == '_' || c == '$' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

// Reads a statement's text once, from its start.
class ValueRemover {
 public:
  explicit ValueRemover(std::string_view sql) : sql_(sql) {}

  std::string Run() {
    while (at_ < sql_.size() && text_.size() < kQueryBytes) Step();
    std::string_view text = text_;
    while (text.ends_with(' ') || text.ends_with(';')) text.remove_suffix(1);
    // A name may be as long as a message, and so is then what was reserved for it.
    return std::string(types::ClipToBytes(text, kQueryBytes));
  }

 private:
  void Step() {
    char c = sql_[at_];
    if (types::IsSpace(c)) {
      ++at_;
      Space();
    } else if (sql_.substr(at_, 2) == "--") {
      at_ = std::min(sql_.find('\n', at_), sql_.size());
    } else if (sql_.substr(at_, 2) == "/*") {
      SkipComment();
    } else if (c == '\'') {
      SkipString(escapes_);
      text_ += '?';
    } else if (c == '"') {
      CopyQuotedName();
    } else if (c == '$' && SkipDollarString()) {
      text_ += '?';
    } else if (types::IsDigit(c)) {
      while (at_ < sql_.size() && (IsNamePart(sql_[at_]) || sql_[at_] == '.')) ++at_;
      text_ += '?';
    } else if (IsNamePart(c)) {
      CopyName();
      return;
    } else {
      text_ += c;
      ++at_;
    }
    escapes_ = false;
  }

  void Space() {
    if (!text_.empty() && text_.back() != ' ') text_ += ' ';
  }

  // An E before a string is part of the value, as are B, X and N.
  void CopyName() {
    size_t begin = at_;
    while (at_ < sql_.size() && IsNamePart(sql_[at_])) ++at_;
    std::string_view name = sql_.substr(begin, at_ - begin);
    bool is_prefix = name.size() == 1 && at_ < sql_.size() && sql_[at_] == '\'' &&
                     std::string_view("eEbBxXnN").find(name[0]) != std::string_view::npos;
    escapes_ = is_prefix && (name[0] == 'e' || name[0] == 'E');
    if (!is_prefix) text_ += name;
  }

  void CopyQuotedName() {
    size_t end = sql_.find('"', at_ + 1);
    end = end == std::string_view::npos ? sql_.size() : end + 1;
    text_ += sql_.substr(at_, end - at_);
    at_ = end;
  }

  void SkipString(bool escapes) {
    for (++at_; at_ < sql_.size(); ++at_) {
      if (escapes && sql_[at_] == '\\') {
        ++at_;
      } else if (sql_[at_] == '\'') {
        if (sql_.substr(at_ + 1, 1) != "'") break;
        ++at_;
      }
    }
    at_ = std::min(at_ + 1, sql_.size());
  }

  // False: it is $1, or no string.
  bool SkipDollarString() {
    size_t end = at_ + 1;
    while (end < sql_.size() && IsNamePart(sql_[end]) && sql_[end] != '$') ++end;
    if (end >= sql_.size() || sql_[end] != '$' || types::IsDigit(sql_[at_ + 1])) return false;
    std::string_view tag = sql_.substr(at_, end + 1 - at_);
    size_t close = sql_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? sql_.size() : close + tag.size();
    return true;
  }

  void SkipComment() {
    int depth = 0;
    for (; at_ < sql_.size(); ++at_) {
      std::string_view two = sql_.substr(at_, 2);
      if (two == "/*") {
        ++depth, ++at_;
      } else if (two == "*/") {
        ++at_;
        if (--depth == 0) break;
      }
    }
    at_ = std::min(at_ + 1, sql_.size());
    Space();
  }

  std::string_view sql_;
  size_t at_ = 0;
  bool escapes_ = false;
  std::string text_;
};

}  // namespace

std::string WithoutValues(std::string_view sql) { return ValueRemover(sql).Run(); }

size_t StatementLog::DurationIndex(int64_t duration_us) {
  auto value = static_cast<uint64_t>(std::max<int64_t>(duration_us, 1));
  auto power = static_cast<size_t>(std::bit_width(value) - 1);
  size_t quarter = power >= 2 ? (value >> (power - 2)) & 3 : (value << (2 - power)) & 3;
  return std::min(4 * power + quarter, kDurations - 1);
}

int64_t StatementLog::SliceNumber() const {
  return clock_.MonotonicMicros() / (kSliceSeconds * 1'000'000);
}

StatementLog::Slice& StatementLog::CurrentSlice(Shard& shard, uint32_t tenant) {
  std::unique_ptr<Record>& record = shard.records[tenant];
  if (record == nullptr) {
    record = std::make_unique<Record>();
    if (shard.records.size() > kMaxTenants / kShards) {
      record->last_slice = std::numeric_limits<int64_t>::max();
      auto longest = std::min_element(
          shard.records.begin(), shard.records.end(), [](const auto& a, const auto& b) {
            return a.second->last_slice < b.second->last_slice;
          });
      shard.records.erase(longest);
    }
  }
  Record& found = *record;
  found.last_slice = SliceNumber();
  if (found.slices == nullptr) found.slices = std::make_unique<Slices>();
  Slice& slice = (*found.slices)[static_cast<size_t>(found.last_slice) % kSlices];
  if (slice.number != found.last_slice) {
    slice = {};
    slice.number = found.last_slice;
  }
  return slice;
}

void StatementLog::NoteStatement(uint32_t tenant, std::string_view sql, int64_t duration_us,
                                 bool failed) {
  std::string slow = duration_us >= kSlowMicros ? WithoutValues(sql) : std::string();
  Shard& shard = ShardOf(tenant);
  runtime::MutexLock lock(shard.mutex);
  Slice& slice = CurrentSlice(shard, tenant);
  ++slice.statements;
  if (failed) ++slice.errors;
  slice.total_us += duration_us;
  uint16_t& count = slice.durations[DurationIndex(duration_us)];
  if (count < std::numeric_limits<uint16_t>::max()) ++count;
  if (!slow.empty()) NoteSlow(*shard.records[tenant], std::move(slow), duration_us);
}

void StatementLog::NoteSlow(Record& record, std::string query, int64_t duration_us) const {
  auto found = std::find_if(record.slow.begin(), record.slow.end(),
                            [&](const SlowStatement& one) { return one.query == query; });
  if (found == record.slow.end()) {
    if (record.slow.size() == kSlowStatements) {
      record.slow.erase(std::min_element(record.slow.begin(), record.slow.end(),
                                         [](const SlowStatement& a, const SlowStatement& b) {
                                           return a.total_us < b.total_us;
                                         }));
    }
    found = record.slow.insert(record.slow.end(), SlowStatement{std::move(query)});
  }
  ++found->calls;
  found->total_us += duration_us;
  found->max_us = std::max(found->max_us, duration_us);
  found->last_us = clock_.WallMicros();
}

void StatementLog::NoteCommit(uint32_t tenant) {
  Shard& shard = ShardOf(tenant);
  runtime::MutexLock lock(shard.mutex);
  ++CurrentSlice(shard, tenant).commits;
}

StatementLog::Window StatementLog::Read(uint32_t tenant) {
  Shard& shard = ShardOf(tenant);
  runtime::MutexLock lock(shard.mutex);
  Window window;
  auto record = shard.records.find(tenant);
  if (record == shard.records.end() || record->second->slices == nullptr) return window;
  std::array<uint64_t, kDurations> durations{};
  uint64_t counted = 0;
  int64_t total_us = 0;
  for (const Slice& slice : *record->second->slices) {
    if (IsOld(slice.number)) continue;
    window.statements += slice.statements;
    window.errors += slice.errors;
    window.commits += slice.commits;
    total_us += slice.total_us;
    for (size_t i = 0; i < kDurations; ++i) durations[i] += slice.durations[i];
  }
  if (window.statements == 0) return window;
  window.average_ms = static_cast<double>(total_us) / 1000 / static_cast<double>(window.statements);
  for (uint64_t count : durations) counted += count;
  uint64_t passed = 0;
  for (size_t i = 0; i < kDurations; ++i) {
    passed += durations[i];
    if (passed * 100 < counted * 99) continue;
    // The upper end of what is counted there.
    double lowest = static_cast<double>(uint64_t{1} << (i / 4)) / 1000;
    window.p99_ms = lowest * (1 + static_cast<double>(i % 4 + 1) / 4);
    break;
  }
  return window;
}

std::vector<StatementLog::SlowStatement> StatementLog::SlowStatements(uint32_t tenant) {
  std::vector<SlowStatement> list;
  {
    Shard& shard = ShardOf(tenant);
    runtime::MutexLock lock(shard.mutex);
    auto record = shard.records.find(tenant);
    if (record != shard.records.end()) list = record->second->slow;
  }
  std::sort(list.begin(), list.end(), [](const SlowStatement& a, const SlowStatement& b) {
    return a.total_us > b.total_us;
  });
  return list;
}

void StatementLog::Forget(uint32_t tenant) {
  Shard& shard = ShardOf(tenant);
  runtime::MutexLock lock(shard.mutex);
  shard.records.erase(tenant);
}

void StatementLog::RemoveOld() {
  for (Shard& shard : shards_) {
    runtime::MutexLock lock(shard.mutex);
    std::erase_if(shard.records, [this](auto& entry) {
      Record& record = *entry.second;
      if (!IsOld(record.last_slice)) return false;
      record.slices = nullptr;
      return record.slow.empty();
    });
  }
}

size_t StatementLog::count() {
  size_t count = 0;
  for (Shard& shard : shards_) {
    runtime::MutexLock lock(shard.mutex);
    count += shard.records.size();
  }
  return count;
}

}  // namespace sundog::session
