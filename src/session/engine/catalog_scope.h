// For what runs inside a statement with a catalog or a transaction of its own.
#pragma once

#include "catalog/catalog.h"
#include "session/engine/engine_session.h"

namespace sundog::session {

// At its end the session has the catalog and the transaction in use that it had in the beginning.
class CatalogScope {
 public:
  explicit CatalogScope(EngineSession& session)
      : session_(session), catalog_(session.catalog()), transaction_(session.transaction()) {}
  ~CatalogScope() { session_.UseCatalog(catalog_, transaction_); }
  CatalogScope(const CatalogScope&) = delete;
  CatalogScope& operator=(const CatalogScope&) = delete;

 private:
  EngineSession& session_;
  catalog::CatalogPtr catalog_;
  EngineTransaction* transaction_;
};

}  // namespace sundog::session
