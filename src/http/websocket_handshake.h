// WebSocket's handshake (RFC 6455), the server's side: a request that asks for it, and the answer.
#pragma once

#include "http/message.h"

namespace sundog::http {

// GET with Upgrade: websocket; other requests are not looked at further.
bool AsksForWebSocket(const Request& request);
// 101, or why not: 400, or 426 for a version other than 13.
Response AnswerWebSocket(const Request& request);

}  // namespace sundog::http
