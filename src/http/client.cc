#include "http/client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string_view>

namespace sundog::http {

namespace {

constexpr uint16_t kHttpsPort = 443;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

void Append(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list.release();
  list.reset(longer);
}

size_t KeepBody(char* data, size_t, size_t count, void* response) {
  static_cast<Response*>(response)->body.append(data, count);
  return count;
}

// Called with each line of the header, the status line first; an interim response's are forgotten.
size_t KeepHeader(char* data, size_t, size_t count, void* response) {
  std::string_view line(data, count);
  Headers& headers = static_cast<Response*>(response)->headers;
  if (line.starts_with("HTTP/")) headers.clear();
  size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
    headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  }
  return count;
}

class Exchange {
 public:
  Exchange(const Endpoint& endpoint, const ClientOptions& options) : endpoint_(endpoint) {
    static std::once_flag started;
    std::call_once(started, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    handle_.reset(curl_easy_init());
    if (handle_ == nullptr) throw std::bad_alloc();
    Set(CURLOPT_ERRORBUFFER, error_);
    Set(CURLOPT_PROTOCOLS_STR, "https");
    Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    // The server is one's own: what the environment says of proxies is about the world outside.
    Set(CURLOPT_NOPROXY, "*");
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout_ms));
    if (!options.ca_file.empty()) {
      Set(CURLOPT_CAINFO, options.ca_file.c_str());
      Set(CURLOPT_CAPATH, nullptr);
    }
  }

  Response Send(const Request& request) {
    const std::string url = fmt::format("https://{}{}", endpoint_.authority(), request.target);
    List headers;
    // A name without a value takes the header away that libcurl would add of itself.
    for (const char* own : {"Accept:", "Content-Type:", "Expect:"}) Append(headers, own);
    for (const auto& [name, value] : request.headers) {
      Append(headers, fmt::format("{}: {}", name, value));
    }
    Set(CURLOPT_URL, url.c_str());
    Set(CURLOPT_PATH_AS_IS, 1L);
    Set(CURLOPT_HTTPHEADER, headers.get());
    if (!request.body.empty()) {
      Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      Set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
    Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    Response response;
    Set(CURLOPT_WRITEFUNCTION, KeepBody);
    Set(CURLOPT_WRITEDATA, &response);
    Set(CURLOPT_HEADERFUNCTION, KeepHeader);
    Set(CURLOPT_HEADERDATA, &response);
    Check(curl_easy_perform(handle_.get()), "get an answer from");
    long status = 0;
    Check(curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status), "understand");
    response.status = static_cast<int>(status);
    return response;
  }

 private:
  template <typename Value>
  void Set(CURLoption option, Value value) {
    Check(curl_easy_setopt(handle_.get(), option, value), "set up a request to");
  }

  void Check(CURLcode code, const char* doing) {
    if (code == CURLE_OK) return;
    throw std::runtime_error(fmt::format("could not {} https://{}: {}", doing,
                                         endpoint_.authority(),
                                         *error_ != 0 ? error_ : curl_easy_strerror(code)));
  }

  const Endpoint& endpoint_;
  char error_[CURL_ERROR_SIZE] = "";
  std::unique_ptr<CURL, FreeHandle> handle_;
};

}  // namespace

std::string Endpoint::authority() const {
  std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == kHttpsPort ? name : fmt::format("{}:{}", name, port);
}

Response Send(const Endpoint& endpoint, const Request& request, const ClientOptions& options) {
  return Exchange(endpoint, options).Send(request);
}

}  // namespace sundog::http
