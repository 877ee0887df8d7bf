// What Aurora DSQL's API has and Sundog has not: known, and refused by name.
#include "control/api/api_error.h"
#include "control/api/operations.h"

namespace sundog::control {

boost::json::object RefuseStreams(Call&) {
  throw ApiError::Validation(reason::kOther, "Streams are not supported.");
}

boost::json::object RefuseVpcEndpoints(Call&) {
  throw ApiError::Validation(reason::kOther, "VPC endpoints are not supported.");
}

}  // namespace sundog::control
