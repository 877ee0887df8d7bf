#include "types/jsonb_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "types/json_lexer.h"

namespace sundog::types {

namespace {

constexpr size_t kMaxPayload = 0x0fffffff;

void CheckSize(size_t size, const char* what) {
  if (size <= kMaxPayload) return;
  throw SqlError(sqlstate::kProgramLimitExceeded,
                 fmt::format("total size of jsonb {} elements exceeds the maximum of {} bytes",
                             what, kMaxPayload));
}

}  // namespace

JsonbBuilder::JsonbBuilder() { frames_.push_back({JsonbTag::kNull}); }

void JsonbBuilder::Begin(JsonbTag tag) {
  if (frames_.size() > kMaxJsonDepth) ThrowStackDepth();
  frames_.push_back({tag});
}

void JsonbBuilder::Key(std::string_view key) {
  Frame& frame = frames_.back();
  if (key.size() > kMaxPayload) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   "string too long to represent as jsonb string");
  }
  frame.key_begin = static_cast<uint32_t>(frame.keys.size());
  frame.keys.append(key);
}

void JsonbBuilder::Add(Jsonb value) { AddPayload(value.tag(), value.payload()); }

void JsonbBuilder::AddPayload(JsonbTag tag, std::string_view payload) {
  Frame& frame = frames_.back();
  auto begin = static_cast<uint32_t>(frame.data.size());
  frame.data.append(payload);
  CheckSize(frame.data.size(), frame.tag == JsonbTag::kObject ? "object" : "array");
  frame.members.push_back({tag, begin, static_cast<uint32_t>(frame.data.size()), frame.key_begin,
                           static_cast<uint32_t>(frame.keys.size())});
}

void JsonbBuilder::End() {
  CHECK_GT(frames_.size(), size_t{1});
  Frame& frame = frames_.back();
  JsonbTag tag = frame.tag;
  if (tag == JsonbTag::kObject) SortKeys(frame);
  std::string payload = Payload(frame);
  frames_.pop_back();
  AddPayload(tag, payload);
}

// Sorted by key, the last of equal ones kept.
void JsonbBuilder::SortKeys(Frame& frame) {
  auto key = [&frame](const Member& member) {
    return std::string_view(frame.keys)
        .substr(member.key_begin, member.key_end - member.key_begin);
  };
  auto less = [&key](const Member& a, const Member& b) {
    std::string_view x = key(a);
    std::string_view y = key(b);
    return x.size() != y.size() ? x.size() < y.size() : x < y;
  };
  std::vector<Member>& members = frame.members;
  if (!std::is_sorted(members.begin(), members.end(), less)) {
    std::stable_sort(members.begin(), members.end(), less);
  }
  size_t kept = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    if (i + 1 < members.size() && key(members[i]) == key(members[i + 1])) continue;
    members[kept++] = members[i];
  }
  members.resize(kept);
}

std::string JsonbBuilder::Payload(Frame& frame) {
  std::string payload;
  bool object = frame.tag == JsonbTag::kObject;
  payload.reserve(4 + frame.members.size() * (object ? 8 : 4) + frame.keys.size() +
                  frame.data.size());
  base::AppendLittleEndian<uint32_t>(payload, static_cast<uint32_t>(frame.members.size()));
  uint32_t end = 0;
  auto add_entry = [&](JsonbTag tag, uint32_t size) {
    end += size;
    base::AppendLittleEndian<uint32_t>(payload, (static_cast<uint32_t>(tag) << 28) | end);
  };
  if (object) {
    for (const Member& member : frame.members) {
      add_entry(JsonbTag::kString, member.key_end - member.key_begin);
    }
  }
  for (const Member& member : frame.members) add_entry(member.tag, member.end - member.begin);
  if (object) {
    for (const Member& member : frame.members) {
      payload.append(frame.keys, member.key_begin, member.key_end - member.key_begin);
    }
  }
  for (const Member& member : frame.members) {
    payload.append(frame.data, member.begin, member.end - member.begin);
  }
  CheckSize(payload.size(), object ? "object" : "array");
  return payload;
}

std::string_view JsonbBuilder::Finish(base::Arena& arena) {
  CHECK_EQ(frames_.size(), size_t{1});
  Frame& root = frames_.back();
  CHECK_EQ(root.members.size(), size_t{1});
  Jsonb value(root.members[0].tag, root.data);
  std::string_view bytes = value.Copy(arena);
  frames_.clear();
  frames_.push_back({JsonbTag::kNull});
  return bytes;
}

}  // namespace sundog::types
