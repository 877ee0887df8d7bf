// Writes jsonb values front to back: containers are opened and closed, members added between.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/jsonb.h"

namespace sundog::types {

class JsonbBuilder {
 public:
  JsonbBuilder();

  void BeginArray() { Begin(JsonbTag::kArray); }
  void BeginObject() { Begin(JsonbTag::kObject); }
  // Before each member of an object. Of equal keys the last stays.
  void Key(std::string_view key);
  void Add(Jsonb value);
  // Closes the innermost container.
  void End();

  // The one value that was written. The builder is empty again.
  std::string_view Finish(base::Arena& arena);
  size_t depth() const { return frames_.size() - 1; }

 private:
  struct Member {
    JsonbTag tag;
    uint32_t begin;
    uint32_t end;
    uint32_t key_begin;
    uint32_t key_end;
  };
  struct Frame {
    JsonbTag tag;
    std::vector<Member> members;
    std::string keys;
    std::string data;
    uint32_t key_begin = 0;
  };

  void Begin(JsonbTag tag);
  void AddPayload(JsonbTag tag, std::string_view payload);
  static void SortKeys(Frame& frame);
  static std::string Payload(Frame& frame);

  std::vector<Frame> frames_;  // the first holds the root
};

}  // namespace sundog::types
