// AWS IAM GRANT and REVOKE: which IAM users and roles may log in as a role, with a token.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
#include "types/ascii.h"

namespace sundog::catalog::ddl {

namespace {

// arn:aws:iam::ACCOUNT:role/NAME or …:user/NAME, of any partition; NAME may have a path.
bool LooksLikeIamArn(std::string_view arn) {
  auto take = [&](std::string_view prefix) {
    if (!arn.starts_with(prefix)) return false;
    arn.remove_prefix(prefix.size());
    return true;
  };
  if (!take("arn:aws")) return false;
  while (!arn.empty() && (arn[0] == '-' || types::IsAlpha(arn[0]))) arn.remove_prefix(1);
  if (!take(":iam::")) return false;
  constexpr size_t kAccountDigits = 12;
  if (arn.size() < kAccountDigits ||
      !std::all_of(arn.begin(), arn.begin() + kAccountDigits, types::IsDigit)) {
    return false;
  }
  arn.remove_prefix(kAccountDigits);
  if (!take(":role/") && !take(":user/")) return false;
  return !arn.empty() &&
         std::all_of(arn.begin(), arn.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// The role as it is, for who may change its trusts.
RoleDescriptor RoleForTrust(const CatalogWriter& writer, std::string_view name,
                            std::string_view arn, std::string_view what) {
  const RoleDescriptor* role = writer.catalog().FindRole(name);
  if (role == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject, fmt::format("role \"{}\" does not exist", name));
  }
  bool may = writer.catalog().IsSuperuser(writer.role()) ||
             (MayManageRoles(writer) && !role->superuser);
  if (!may) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   fmt::format("permission denied to {} IAM trust with role {}", what, name));
  }
  if (!LooksLikeIamArn(arn)) {
    throw SqlError(sqlstate::kInvalidParameterValue, "IAM role must look like an IAM ARN")
        .Hint("Write arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME.");
  }
  return *role;
}

auto FindTrust(RoleDescriptor& role, std::string_view arn) {
  return std::find_if(role.iam_trusts.begin(), role.iam_trusts.end(),
                      [&](const IamTrust& trust) { return trust.arn == arn; });
}

}  // namespace

void GrantIamTrust(CatalogWriter& writer, std::string_view name, std::string_view arn) {
  RoleDescriptor role = RoleForTrust(writer, name, arn, "grant");
  // Those have their own way in: admin by a policy, superusers by password.
  if (role.superuser || role.oid < types::kFirstUserOid) {
    throw SqlError(sqlstate::kFeatureNotSupported, fmt::format("Role {} not supported", name));
  }
  if (!role.login) {
    throw SqlError(sqlstate::kInvalidGrantOperation,
                   fmt::format("role {} must have the LOGIN attribute", name));
  }
  if (FindTrust(role, arn) != role.iam_trusts.end()) {
    return writer.Notice(fmt::format("role \"{}\" has IAM trust with \"{}\" already", name, arn));
  }
  role.iam_trusts.push_back({writer.NewOid(kPublicSchema), std::string(arn), writer.role()});
  writer.Put(std::move(role));
}

void RevokeIamTrust(CatalogWriter& writer, std::string_view name, std::string_view arn) {
  RoleDescriptor role = RoleForTrust(writer, name, arn, "revoke");
  auto trust = FindTrust(role, arn);
  if (trust == role.iam_trusts.end()) {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("role \"{}\" has no IAM trust with \"{}\"", name, arn));
  }
  role.iam_trusts.erase(trust);
  writer.Put(std::move(role));
}

}  // namespace sundog::catalog::ddl
