// A session's client that is nobody's connection: what a connection would be told and nobody here
// asks for. COPY with the client is refused.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/sql_error.h"
#include "session/client.h"

namespace sundog::control {

class SilentClient : public session::Client {
 public:
  void BeginCopyIn(session::WireFormat, int) override { RefuseCopy(); }
  void BeginCopyOut(session::WireFormat, int) override { RefuseCopy(); }
  bool ReadCopyData(std::string_view&) override { return false; }
  void WriteCopyData(std::string_view) override {}
  void CopyOutDone() override {}

  void ParseComplete() override {}
  void BindComplete() override {}
  void CloseComplete() override {}
  void ParameterDescription(std::span<const uint32_t>) override {}
  void NoData() override {}
  void PortalSuspended() override {}
  void CommandComplete(std::string_view) override {}
  void EmptyQuery() override {}
  void Notice(const base::ErrorFields&, int) override {}
  void ParameterStatus(std::string_view, std::string_view) override {}
  void Notification(int32_t, std::string_view, std::string_view) override {}
  void ReadyForQuery(char) override {}

 private:
  [[noreturn]] static void RefuseCopy() {
    base::ThrowNotSupported("COPY from or to the client by the HTTP API");
  }
};

}  // namespace sundog::control
