#include "cli/serve.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "auth/authenticator.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/sql_error.h"
#include "cli/served_certificate.h"
#include "http/server.h"
#include "pgwire/server.h"
#include "runtime/runtime.h"
#include "types/ascii.h"

namespace sundog::cli {

namespace {

// Those are taken by sigwait() alone: blocked in every thread.
sigset_t AwaitedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

// A connection is a descriptor.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    base::LogWarning("could not raise the limit of open files");
  }
}

pgwire::ServerOptions ServerOptionsOf(const ServeOptions& options, const ListenAddress& address) {
  pgwire::ServerOptions server;
  server.host = address.host;
  server.port = address.port;
  server.shutdown_grace_ms = int64_t{options.shutdown_grace_s} * 1000;
  if (options.auth == "trust") {
    server.auth_method = auth::Method::kTrust;
    server.password_if_set = false;
  } else if (options.auth == "password") {
    server.auth_method = auth::Method::kPassword;
  } else if (options.auth == "scram-sha-256") {
    server.auth_method = auth::Method::kScram;
  } else {
    server.auth_method =
        IsLoopback(address.host) ? auth::Method::kTrust : auth::Method::kScram;
  }
  return server;
}

std::string UrlHost(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

bool IsAnyAddress(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "::";
}

std::string ConnectionString(const ListenAddress& address, uint16_t port) {
  std::string host = IsAnyAddress(address.host) ? "127.0.0.1" : UrlHost(address.host);
  return "postgresql://postgres@" + host + ":" + std::to_string(port) + "/postgres";
}

// By a name that the certificate is for.
std::string ApiUrl(const ServeOptions& options, uint16_t port) {
  std::optional<ListenAddress> address =
      ParseListenAddress(options.http.empty() ? kDefaultHttp : options.http);
  bool is_local = IsAnyAddress(address->host) || IsLoopback(address->host);
  return fmt::format("https://{}:{}", is_local ? "localhost" : UrlHost(address->host), port);
}

bool IsVisibleAscii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// The administrator's access key that the environment gives. Lengths and characters are those that
// AWS's clients take; an id with a slash could not be found again in a credential scope.
std::optional<auth::SigV4Credentials> GivenAccessKey(const ServeOptions& options) {
  const std::string& id = options.access_key_id;
  const std::string& secret = options.secret_access_key;
  if (id.empty() && secret.empty()) return std::nullopt;
  bool id_fits = id.size() >= 16 && id.size() <= 128 &&
                 std::all_of(id.begin(), id.end(), [](char c) {
                   return types::IsAlpha(c) || types::IsDigit(c) || c == '_';
                 });
  if (!id_fits) {
    throw std::runtime_error("SUNDOG_ACCESS_KEY_ID must be 16 to 128 letters, digits and _");
  }
  if (secret.size() < 16 || secret.size() > 128 || !IsVisibleAscii(secret)) {
    throw std::runtime_error(
        "SUNDOG_SECRET_ACCESS_KEY must be 16 to 128 characters of ASCII without spaces");
  }
  return auth::SigV4Credentials{id, secret, ""};
}

// This once, and on standard output alone: log lines go to standard error. A secret that was given
// is known to whoever gave it.
void TellAccessKey(const ServeOptions& options, const Engine& engine, bool was_given) {
  std::optional<auth::SigV4Credentials> key = engine.new_access_key();
  if (!key) return;
  if (options.engine.store == StoreKind::kMemory) {
    std::printf("sundog: the administrator's access key is %s\n", key->access_key_id.c_str());
    return;
  }
  std::printf("sundog: made the administrator's access key %s; its secret is in %s/credentials\n",
              key->access_key_id.c_str(), options.engine.data_folder.c_str());
  if (!was_given) {
    std::printf("sundog: the secret, which is not printed again, is %s\n", key->secret.c_str());
  }
}

// What the process listens with.
struct Listeners {
  std::unique_ptr<pgwire::Server> sql;
  std::unique_ptr<http::Server> http;  // null: it is not served
};

std::unique_ptr<http::Server> MakeHttpServer(const ServeOptions& options, Engine& engine,
                                             pgwire::Server& sessions, runtime::Runtime& runtime,
                                             const ServedTls& tls) {
  if (options.http == kNoHttp) return nullptr;
  std::optional<ListenAddress> address =
      ParseListenAddress(options.http.empty() ? kDefaultHttp : options.http);
  if (!address) {
    throw std::runtime_error(
        fmt::format("\"{}\" is not an address to listen at; write HOST:PORT", options.http));
  }
  http::ServerOptions server;
  server.host = address->host;
  server.port = address->port;
  server.shutdown_grace_ms = int64_t{options.shutdown_grace_s} * 1000;
  runtime::Reactor& reactor = runtime.reactor(runtime.size() - 1);
  try {
    return std::make_unique<http::Server>(reactor, engine.api(), sessions, server, tls.https);
  } catch (const std::system_error& error) {
    // Several servers of one machine share the default; only one that was asked for must be there.
    if (!options.http.empty()) throw;
    base::LogWarning(fmt::format("the HTTP API is not served: {}; give it another address with "
                                 "--http HOST:PORT",
                                 error.what()));
    return nullptr;
  }
}

void ReloadCertificate(const ServeOptions& options, const Listeners& listeners) {
  try {
    ServedTls tls = LoadCertificate(options);
    listeners.sql->SetTls(tls.postgresql);
    if (listeners.http != nullptr) listeners.http->SetTls(tls.https);
    base::LogInfo("received SIGHUP, read the certificate again");
  } catch (const std::exception& error) {
    base::LogWarning(fmt::format("received SIGHUP; the certificate stays the one it was: {}",
                                 error.what()));
  }
}

// SIGTERM or SIGINT.
int ServeUntilSignal(const ServeOptions& options, const Listeners& listeners) {
  sigset_t signals = AwaitedSignals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0 || signal == SIGHUP) {
    if (signal == SIGHUP) ReloadCertificate(options, listeners);
  }
  return signal;
}

void OpenAndServe(const ServeOptions& options, const ListenAddress& address,
                  const EngineFactory& open_engine) {
  // The rest is for what is not counted, and for what malloc keeps.
  base::SetProcessMemoryLimit(base::AvailableMemoryBytes() / 10 * 7);
  runtime::Runtime runtime(options.reactors);
  // The engine holds the data folder against other servers.
  EngineOptions engine_options = options.engine;
  engine_options.administrator_key = GivenAccessKey(options);
  engine_options.served_names = {options.regions, CertificateNames(options)};
  std::unique_ptr<Engine> engine = open_engine(engine_options, runtime);
  TellAccessKey(options, *engine, engine_options.administrator_key.has_value());
  ServedTls tls = LoadCertificate(options);
  Listeners listeners;
  listeners.sql = std::make_unique<pgwire::Server>(
      runtime, engine->pipeline(), engine->credentials(), base::SystemClock(),
      ServerOptionsOf(options, address), tls.postgresql);
  engine->SetAddress({IsAnyAddress(address.host) ? "" : address.host, listeners.sql->port()});
  listeners.http = MakeHttpServer(options, *engine, *listeners.sql, runtime, tls);
  listeners.sql->Start();
  if (listeners.http != nullptr) listeners.http->Start();
  if (!IsLoopback(address.host) && options.auth != "trust" && !options.engine.superuser_password) {
    base::LogWarning(
        "SUNDOG_PASSWORD is not set: only roles with a password of their own can log in");
  }
  if (std::string id = engine->dsql_cluster_id(); !id.empty()) {
    std::printf("sundog: the cluster's endpoint is %s.dsql.%s.on.aws\n", id.c_str(),
                options.regions.front().c_str());
  }
  std::printf("sundog: ready to accept connections at %s\n",
              ConnectionString(address, listeners.sql->port()).c_str());
  if (listeners.http != nullptr) {
    std::printf("sundog: the HTTP API is at %s\n",
                ApiUrl(options, listeners.http->port()).c_str());
  }
  std::fflush(stdout);
  base::LogInfo(ServeUntilSignal(options, listeners) == SIGTERM
                    ? "received SIGTERM, shutting down"
                    : "received SIGINT, shutting down");
  if (listeners.http != nullptr) listeners.http->Shutdown();
  listeners.sql->Shutdown();
}

}  // namespace

std::optional<ListenAddress> ParseListenAddress(const std::string& text) {
  size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return std::nullopt;
  ListenAddress address;
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != std::string::npos) {
    return std::nullopt;
  }
  std::string port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5 ||
      port.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  int number = std::stoi(port);
  if (number > 65535) return std::nullopt;
  address.port = static_cast<uint16_t>(number);
  return address;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

int Serve(const ServeOptions& options, const EngineFactory& open_engine) {
  std::optional<ListenAddress> address = ParseListenAddress(options.listen);
  if (!address) {
    std::fprintf(stderr, "sundog: \"%s\" is not an address to listen at; write HOST:PORT\n",
                 options.listen.c_str());
    return 1;
  }
  sigset_t signals = AwaitedSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  RaiseDescriptorLimit();
  try {
    OpenAndServe(options, *address, open_engine);
    return 0;
  } catch (const base::SqlError& error) {
    const base::ErrorFields& fields = error.fields();
    std::fprintf(stderr, "sundog: %s\n", fields.message.c_str());
    if (!fields.detail.empty()) std::fprintf(stderr, "DETAIL:  %s\n", fields.detail.c_str());
    if (!fields.hint.empty()) std::fprintf(stderr, "HINT:  %s\n", fields.hint.c_str());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sundog: %s\n", error.what());
    return 1;
  }
}

}  // namespace sundog::cli
