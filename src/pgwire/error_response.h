// ErrorResponse and NoticeResponse.
#pragma once

#include <string>

#include "base/sql_error.h"

namespace sundog::pgwire {

// `position`: 1-based, in characters; 0 when unknown.
void AppendErrorResponse(std::string& to, const base::ErrorFields& fields, int position);
void AppendNoticeResponse(std::string& to, const base::ErrorFields& fields, int position);

}  // namespace sundog::pgwire
