// `sundog completion bash|zsh|fish`: what a shell needs to complete sundog's words, made of the
// commands, options and choices that there are.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace sundog::cli {

// `app`: with all its subcommands.
std::string CompletionScript(const CLI::App& app, std::string_view shell);

}  // namespace sundog::cli
