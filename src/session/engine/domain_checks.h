// The constraints of domains for values that come in as text or bytes, inside arrays and rows too:
// what an expression coerces to a domain the binder checks.
#pragma once

#include <map>
#include <memory>

#include "catalog/catalog.h"
#include "types/type_info.h"

namespace sundog::session {

class EngineSession;
class FunctionSql;

class DomainChecks final : public types::DomainChecker {
 public:
  explicit DomainChecks(EngineSession& session);
  ~DomainChecks() override;

  // 23502, 23514.
  void Check(const types::TypeInfo& domain, const types::Datum& value) override;

 private:
  // SELECT $1::domain.
  std::shared_ptr<FunctionSql> CastTo(const types::TypeInfo& domain);

  EngineSession& session_;
  std::map<types::Oid, std::shared_ptr<FunctionSql>> casts_;
};

}  // namespace sundog::session
