#include "cli/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <vector>

namespace sundog::cli {

namespace {

struct OptionWords {
  std::vector<std::string> names;    // "--output"
  std::vector<std::string> choices;  // "table", "json"; empty: anything
  bool takes_value = false;
  std::string description;
};

struct CommandWords {
  std::string path;  // "db users"
  std::vector<std::string> subcommands;
  std::vector<std::string> descriptions;  // of the subcommands
  std::vector<OptionWords> options;
};

// "table|json|csv" names what may be given; "DIR" does not.
std::vector<std::string> ChoicesOf(const std::string& type_name) {
  std::vector<std::string> choices;
  if (type_name.find('|') == std::string::npos) return choices;
  for (const std::string& word : CLI::detail::split(type_name, '|')) choices.push_back(word);
  return choices;
}

void Collect(const CLI::App& command, const std::string& path, std::vector<CommandWords>& to) {
  CommandWords words;
  words.path = path;
  for (const CLI::Option* option : command.get_options()) {
    OptionWords one;
    for (const std::string& name : option->get_lnames()) one.names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) one.names.push_back("-" + name);
    one.takes_value = option->get_items_expected_max() > 0;
    one.choices = ChoicesOf(option->get_type_name());
    one.description = option->get_description();
    if (!one.names.empty()) words.options.push_back(std::move(one));
  }
  std::vector<const CLI::App*> children =
      command.get_subcommands([](const CLI::App* child) { return !child->get_name().empty(); });
  for (const CLI::App* child : children) {
    words.subcommands.push_back(child->get_name());
    words.descriptions.push_back(child->get_description());
  }
  to.push_back(std::move(words));
  for (const CLI::App* child : children) {
    Collect(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), to);
  }
}

// In single quotes, as every shell reads it.
std::string Quoted(const std::string& text, bool fish = false) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? (fish ? "\\'" : "'\\''") : std::string(1, c);
  return quoted + "'";
}

// bash, and zsh which reads bash's.
std::string BashScript(const std::vector<CommandWords>& commands) {
  std::string paths, words, values;
  for (const CommandWords& command : commands) {
    std::vector<std::string> all = command.subcommands;
    for (const OptionWords& option : command.options) {
      all.insert(all.end(), option.names.begin(), option.names.end());
      if (!option.takes_value) continue;
      values += fmt::format("        '{} '{}) choices={} ;;\n", command.path,
                            fmt::join(option.names, fmt::format("|'{} '", command.path)),
                            Quoted(fmt::format("{}", fmt::join(option.choices, " "))));
    }
    words += fmt::format("        {}) choices={} ;;\n", Quoted(command.path),
                         Quoted(fmt::format("{}", fmt::join(all, " "))));
    if (!command.path.empty()) paths += fmt::format("|{}", Quoted(command.path));
  }
  return fmt::format(R"(_sundog() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}
    local command= next= i choices=
    for ((i = 1; i < COMP_CWORD; i++)); do
        next="${{command:+$command }}${{COMP_WORDS[i]}}"
        case "$next" in
        {}) command=$next ;;
        esac
    done
    case "$command $prev" in
{}        *)
        case "$command" in
{}        esac ;;
    esac
    COMPREPLY=($(compgen -W "$choices" -- "$cur"))
}}
complete -o default -F _sundog sundog
)",
                     paths.substr(1), values, words);
}

// A command's words are offered behind its path alone.
std::string FishScript(const std::vector<CommandWords>& commands) {
  std::string text = R"(function __sundog_at
    set -l command
    for word in (commandline -opc)[2..-1]
        set -l next (string join -- ' ' $command $word)
        contains -- $next $__sundog_commands; and set command $next
    end
    test "$command" = "$argv[1]"
end
set -g __sundog_commands)";
  for (const CommandWords& command : commands) {
    if (!command.path.empty()) text += " " + Quoted(command.path, true);
  }
  text += "\ncomplete -c sundog -f\n";
  for (const CommandWords& command : commands) {
    // One word for the test: fish reads it again.
    std::string start = fmt::format("complete -c sundog -n \"__sundog_at '{}'\"", command.path);
    for (size_t i = 0; i < command.subcommands.size(); ++i) {
      text += fmt::format("{} -a {} -d {}\n", start, command.subcommands[i],
                          Quoted(command.descriptions[i], true));
    }
    for (const OptionWords& option : command.options) {
      text += start;
      for (const std::string& name : option.names) {
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (option.takes_value) text += option.choices.empty() ? " -r -F" : " -x";
      if (!option.choices.empty()) {
        text += " -a " + Quoted(fmt::format("{}", fmt::join(option.choices, " ")), true);
      }
      text += " -d " + Quoted(option.description, true) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string CompletionScript(const CLI::App& app, std::string_view shell) {
  std::vector<CommandWords> commands;
  Collect(app, "", commands);
  if (shell == "fish") return FishScript(commands);
  std::string script = BashScript(commands);
  if (shell == "zsh") {
    // A zsh without a configuration has not begun to complete.
    return "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"
           "autoload -Uz bashcompinit && bashcompinit\n" + script;
  }
  return script;
}

}  // namespace sundog::cli
