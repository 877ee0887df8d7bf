#include "cli/sql_prompt.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <editline/readline.h>

#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "cli/backslash_commands.h"
#include "cli/control_client.h"
#include "cli/statement_splitter.h"
#include "types/ascii.h"

namespace sundog::cli {

namespace {

constexpr int kHistoryLines = 2000;

// Where SIGINT goes while a line is read.
sigjmp_buf at_prompt;
volatile std::sig_atomic_t reads_line = 0;

void GiveLineUp(int) {
  if (reads_line != 0) siglongjmp(at_prompt, 1);
}

enum class LineOutcome { kLine, kGivenUp, kEnd };

// Nothing here has a destructor: a signal leaves it by a jump, as libedit's users do it.
LineOutcome ReadTerminalLine(const char* prompt, char** line) {
  if (sigsetjmp(at_prompt, 1) != 0) {
    reads_line = 0;
    std::fputs("^C\n", stdout);
    return LineOutcome::kGivenUp;
  }
  reads_line = 1;
  *line = readline(prompt);
  reads_line = 0;
  return *line == nullptr ? LineOutcome::kEnd : LineOutcome::kLine;
}

// Statements with a password in them are not kept.
bool MayBeKept(const std::string& text) {
  constexpr std::string_view kWord = "password";
  for (size_t at = 0; at + kWord.size() <= text.size(); ++at) {
    if (types::EqualsIgnoringCase(std::string_view(text).substr(at, kWord.size()), kWord)) {
      return false;
    }
  }
  return true;
}

class History {
 public:
  explicit History(const std::string& file) : file_(file) {
    using_history();
    stifle_history(kHistoryLines);
    if (!file_.empty()) (void)read_history(file_.c_str());
  }
  ~History() {
    if (file_.empty()) return;
    std::error_code failed;  // then it cannot be opened either
    std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), failed);
    // libedit would make it for everybody to read.
    int made = open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made < 0) return;
    (void)fchmod(made, S_IRUSR | S_IWUSR);
    close(made);
    (void)write_history(file_.c_str());
  }
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  static void Add(const std::string& text) {
    if (MayBeKept(text)) add_history(text.c_str());
  }

 private:
  const std::string file_;
};

struct sigaction TakeInterrupts() {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = GiveLineUp;
  sigaction(SIGINT, &action, &before);
  return before;
}

bool IsBlank(const std::string& line) {
  return line.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

int RunScript(SqlSession& session, const LineSource& script) {
  StatementSplitter splitter;
  std::string line;
  while (script.read(line)) {
    if (splitter.empty() && line.starts_with('\\')) {
      BackslashOutcome outcome = RunBackslash(session, line);
      if (outcome == BackslashOutcome::kQuit) return 0;
      if (outcome == BackslashOutcome::kFailed) return 1;
      continue;
    }
    for (const std::string& statement : splitter.Feed(line)) {
      bool ok = session.Run(statement, script);
      if (!session.alive()) return kCannotConnect;
      if (!ok) return 1;
    }
  }
  if (splitter.empty() || session.Run(splitter.Finish(), script)) return 0;
  return session.alive() ? 1 : kCannotConnect;
}

int RunPrompt(SqlSession& session, const PromptOptions& options) {
  History history(options.history_file);
  struct sigaction before = TakeInterrupts();
  StatementSplitter splitter;
  std::string typed;  // since the last statement
  const std::string first = options.name + "=> ";
  const std::string further = options.name + "-> ";
  char* text = nullptr;
  const LineReader data = [&](std::string& line) {
    if (ReadTerminalLine(">> ", &text) != LineOutcome::kLine) return false;
    line = std::string(text) + "\n";
    std::free(text);
    return true;
  };
  while (session.alive()) {
    LineOutcome outcome =
        ReadTerminalLine(splitter.empty() ? first.c_str() : further.c_str(), &text);
    if (outcome == LineOutcome::kEnd) break;
    if (outcome == LineOutcome::kGivenUp) {
      (void)splitter.Finish();
      typed.clear();
      continue;
    }
    std::string line = text;
    std::free(text);
    if (splitter.empty() && line.starts_with('\\')) {
      History::Add(line);
      BackslashOutcome outcome = RunBackslash(session, line);
      if (outcome == BackslashOutcome::kQuit) break;
      if (outcome != BackslashOutcome::kDone) session.writer().Finish();
      std::fflush(stdout);
      continue;
    }
    if (typed.empty() && IsBlank(line)) continue;
    typed += typed.empty() ? line : "\n" + line;
    for (const std::string& statement : splitter.Feed(line + "\n")) {
      (void)session.Run(statement, {data, nullptr});
      session.writer().Finish();
    }
    if (!splitter.empty()) continue;
    History::Add(typed);
    typed.clear();
  }
  sigaction(SIGINT, &before, nullptr);
  return session.alive() ? 0 : kCannotConnect;
}

int RunInput(SqlSession& session, const PromptOptions& options) {
  if (isatty(STDIN_FILENO) == 1) {
    std::printf("Connected. \\? for help, \\q to leave.\n");
    return RunPrompt(session, options);
  }
  int code = RunScript(session, LinesOf(stdin));
  session.writer().Finish();
  return code;
}

}  // namespace sundog::cli
