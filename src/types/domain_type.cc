#include "types/domain_type.h"

#include <map>
#include <memory>
#include <mutex>

namespace sundog::types {

namespace {

Datum InputDomain(const IoContext& io, const TypeInfo& type, std::string_view text, int32_t,
                  base::Arena& arena) {
  return InputText(io, {type.base_type, type.base_typmod}, text, arena);
}

Datum ReceiveDomain(const IoContext& io, const TypeInfo& type, std::string_view bytes, int32_t,
                    base::Arena& arena) {
  const TypeInfo& base = io.types->GetType(type.base_type);
  return base.ops->receive(io, base, bytes, type.base_typmod, arena);
}

}  // namespace

const TypeOps* DomainOps(const TypeInfo& base) {
  static std::mutex* const mutex = new std::mutex;
  static auto* const made = new std::map<const TypeOps*, std::unique_ptr<TypeOps>>;
  std::lock_guard<std::mutex> lock(*mutex);
  std::unique_ptr<TypeOps>& ops = (*made)[base.ops];
  if (ops == nullptr) {
    ops = std::make_unique<TypeOps>(*base.ops);
    ops->input = InputDomain;
    if (base.ops->receive != nullptr) ops->receive = ReceiveDomain;
    ops->typmod_in = nullptr;
    ops->typmod_out = nullptr;
  }
  return ops.get();
}

}  // namespace sundog::types
