#include "kv/rocks/rocks_log.h"

#include <fmt/format.h>
#include <rocksdb/env.h>

#include <cstdio>

#include "base/log.h"

namespace sundog::kv {
namespace {

class ServerLog final : public rocksdb::Logger {
 public:
  ServerLog() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  using Logger::Logv;
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < GetInfoLogLevel()) return;
    char text[1024];
    std::vsnprintf(text, sizeof text, format, arguments);
    base::Log(level >= rocksdb::InfoLogLevel::ERROR_LEVEL ? base::LogLevel::kError
                                                          : base::LogLevel::kWarning,
              fmt::format("store: {}", text));
  }
  void LogHeader(const char*, va_list) override {}

 protected:
  rocksdb::Status CloseImpl() override { return rocksdb::Status::OK(); }
};

}  // namespace

std::shared_ptr<rocksdb::Logger> MakeRocksLog() { return std::make_shared<ServerLog>(); }

}  // namespace sundog::kv
