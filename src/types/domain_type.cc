#include "types/domain_type.h"

#include <map>
#include <memory>
#include <mutex>

namespace sundog::types {

namespace {

// What a domain is of in the end, with the typmod of the innermost one: a domain over another has
// none of its own. The constraints of all of them are checked together.
SqlType Innermost(const IoContext& io, const TypeInfo& domain) {
  SqlType base{domain.base_type, domain.base_typmod};
  for (const TypeInfo* info = &io.types->GetType(base.oid); info->kind_code == 'd';
       info = &io.types->GetType(base.oid)) {
    base = {info->base_type, info->base_typmod};
  }
  return base;
}

Datum InputDomain(const IoContext& io, const TypeInfo& type, std::string_view text, int32_t,
                  base::Arena& arena) {
  Datum value = InputText(io, Innermost(io, type), text, arena);
  if (io.domains != nullptr) io.domains->Check(type, value);
  return value;
}

Datum ReceiveDomain(const IoContext& io, const TypeInfo& type, std::string_view bytes, int32_t,
                    base::Arena& arena) {
  SqlType innermost = Innermost(io, type);
  const TypeInfo& base = io.types->GetType(innermost.oid);
  Datum value = base.ops->receive(io, base, bytes, innermost.typmod, arena);
  if (io.domains != nullptr) io.domains->Check(type, value);
  return value;
}

}  // namespace

Datum NullOf(const IoContext& io, const TypeInfo& type) {
  if (type.kind_code == 'd' && io.domains != nullptr) io.domains->Check(type, Datum());
  return Datum();
}

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
