//! Running the program `scorelet`, and those of the examples, as a person or a script does.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Longer than any run takes on a busy machine: a program that hangs fails its test, and not the whole suite.
const PATIENCE: Duration = Duration::from_mins(2);

/// A run to come. It sees no environment but the one it is given. `scorelet` stands in the folder of the fixtures.
#[derive(Debug)]
pub struct Program {
    command: Command,
    input: Vec<u8>,
}

/// A run that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// How it ended.
    pub code: i32,
}

/// Runs the program with arguments that are separated by spaces.
#[must_use]
pub fn run(arguments: &str) -> Finished {
    Program::new(arguments.split_whitespace()).run()
}

/// The path of a fixture.
#[must_use]
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

impl Program {
    /// The program with these arguments.
    #[must_use]
    pub fn new<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self::named("scorelet", arguments).in_folder(&fixture(""))
    }

    /// An example with these arguments. It stands in the root of the workspace.
    #[must_use]
    pub fn example<A: AsRef<OsStr>>(name: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self::named(name, arguments).in_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
    }

    fn named<A: AsRef<OsStr>>(name: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new(executable(name));
        command.args(arguments).env_clear();
        Self { command, input: Vec::new() }
    }

    /// Stands in another folder.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Lets it reserve no more than this many bytes of address space.
    #[cfg(unix)]
    #[must_use]
    pub fn with_address_space(mut self, bytes: u64) -> Self {
        let limited = format!("ulimit -v {} && exec \"$0\" \"$@\"", bytes / 1024);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &limited]).arg(self.command.get_program()).args(self.command.get_args());
        command.env_clear().current_dir(self.command.get_current_dir().unwrap_or(Path::new(".")));
        self.command = command;
        self
    }

    /// Copies it to a folder, and takes that copy.
    ///
    /// # Panics
    /// When it cannot be copied.
    #[cfg(unix)]
    #[must_use]
    pub fn copied_to(mut self, folder: &Path) -> Self {
        let program = PathBuf::from(self.command.get_program());
        // By another process: what this one writes to, no other thread of it could run at the same time.
        let copied = Command::new("cp").arg(&program).arg(folder).status();
        assert!(copied.is_ok_and(|status| status.success()), "a program can be copied");
        let mut command = Command::new(folder.join(program.file_name().unwrap_or_default()));
        command.args(self.command.get_args()).env_clear();
        command.current_dir(self.command.get_current_dir().unwrap_or(Path::new(".")));
        self.command = command;
        self
    }

    /// Writes to its standard input, which is empty otherwise.
    #[must_use]
    pub fn with_input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it does not end, or not by itself.
    #[must_use]
    pub fn run(self) -> Finished {
        let Self { mut command, input } = self;
        let mut child = spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()));
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        // It may end without having read everything.
        thread::spawn(move || drop(stdin.write_all(&input)));
        let stdout = read(child.stdout.take().expect("standard output is a pipe"));
        let stderr = read(child.stderr.take().expect("standard error is a pipe"));
        let (stdout, stderr) = (received(&mut child, &stdout), received(&mut child, &stderr));
        Finished { stdout, stderr, code: code(child) }
    }

    /// Runs it with a standard output that takes nothing, such as a full disk.
    ///
    /// # Panics
    /// When it does not end, or not by itself.
    #[must_use]
    pub fn run_into(self, stdout: impl Into<Stdio>) -> Finished {
        let Self { mut command, .. } = self;
        let mut child = spawn(command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped()));
        let stderr = read(child.stderr.take().expect("standard error is a pipe"));
        let stderr = received(&mut child, &stderr);
        Finished { stdout: String::new(), stderr, code: code(child) }
    }

    /// Runs it until it prints a line that is the last one wanted, then interrupts it as Ctrl-C does.
    ///
    /// # Panics
    /// When it ends before, or does not end then.
    #[cfg(unix)]
    #[must_use]
    pub fn run_until(self, is_last: impl Fn(&str) -> bool) -> Finished {
        let Self { mut command, .. } = self;
        let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()));
        let stderr = read(child.stderr.take().expect("standard error is a pipe"));
        let mut lines = BufReader::new(child.stdout.take().expect("standard output is a pipe")).lines();
        let mut stdout = String::new();
        loop {
            let line = lines.next().expect("it goes on until it is interrupted").expect("output is text");
            stdout.push_str(&line);
            stdout.push('\n');
            if is_last(&line) {
                break;
            }
        }
        // Every shell has this command; not every system has it as a program.
        let interrupted = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status();
        assert!(interrupted.is_ok_and(|status| status.success()), "a program can be interrupted");
        let stderr = received(&mut child, &stderr);
        Finished { stdout, stderr, code: code(child) }
    }

    /// Runs it with a standard output that is closed once a number of lines is read from it, as by `head`, and tells
    /// these lines too.
    ///
    /// # Panics
    /// When it does not end by itself.
    #[must_use]
    pub fn run_into_head(self, lines: usize) -> Finished {
        let Self { mut command, .. } = self;
        let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()));
        let stderr = read(child.stderr.take().expect("standard error is a pipe"));
        let stdout = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let stdout = stdout.lines().take(lines).map(|line| line.expect("output is text") + "\n").collect();
        let stderr = received(&mut child, &stderr);
        Finished { stdout, stderr, code: code(child) }
    }
}

impl Finished {
    /// Standard output of a run that did what it was asked to, and had nothing else to say.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    #[track_caller]
    pub fn succeeded(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// The error of a run that failed in this way, without the word itself, and that printed nothing else.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{}", self.stderr);
        let error = self.stderr.strip_prefix("error: ").and_then(|error| error.strip_suffix('\n'));
        error.unwrap_or_else(|| panic!("not an error: {:?}", self.stderr)).to_owned()
    }

    /// Standard output as one JSON document.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|failure| panic!("{failure}: {}{}", self.stdout, self.stderr))
    }
}

/// A folder for the files of one test; gone when it is dropped.
#[derive(Debug)]
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with one file.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made")).and(name, content)
    }

    /// One file more.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn and(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.0.path().join(name), content).expect("a file can be written");
        self
    }

    /// Runs the program in the folder, with arguments that are separated by spaces.
    #[must_use]
    pub fn run(&self, arguments: &str) -> Finished {
        Program::new(arguments.split_whitespace()).in_folder(self.path()).run()
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A running `scorelet simulate` on a free port; killed when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    child: Child,
    /// Kept open, as a terminal would be.
    _stdout: BufReader<ChildStdout>,
    first_line: String,
}

impl Simulator {
    /// Starts it with these arguments, and waits until it listens.
    ///
    /// # Panics
    /// When it does not say where it listens.
    #[must_use]
    pub fn start(arguments: &str) -> Self {
        let Program { mut command, .. } =
            Program::new(["simulate", "--listen", "127.0.0.1:0"].into_iter().chain(arguments.split_whitespace()));
        let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut stdout = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let mut first_line = String::new();
        stdout.read_line(&mut first_line).expect("its output is text");
        let simulator = Self { child, _stdout: stdout, first_line };
        assert!(simulator.address().starts_with("http://127.0.0.1:"), "{}", simulator.first_line());
        simulator
    }

    /// What it said first.
    #[must_use]
    pub fn first_line(&self) -> &str {
        self.first_line.trim_end()
    }

    /// Its address, such as `http://127.0.0.1:41234`.
    #[must_use]
    pub fn address(&self) -> &str {
        self.first_line.split_whitespace().find(|word| word.starts_with("http")).unwrap_or_default()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may have ended already; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that was built beside this test.
fn executable(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own file");
    let profile = test.parent().and_then(Path::parent).expect("tests lie in `deps` of a profile's folder");
    let program = profile.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "{} is missing: run `make build` first", program.display());
    program
}

fn spawn(command: &mut Command) -> Child {
    command.spawn().unwrap_or_else(|failure| panic!("{command:?}: {failure}"))
}

/// Reads a stream to its end, on a thread of its own, so that none of them fills up.
fn read(mut stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("output is text");
        // The test may have failed meanwhile.
        let _ = sender.send(text);
    });
    receiver
}

/// What a stream of a program said until its end.
fn received(child: &mut Child, stream: &mpsc::Receiver<String>) -> String {
    stream.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        child.kill().expect("a program that hangs can be killed");
        panic!("the program did not end within {PATIENCE:?}, or wrote something else than text");
    })
}

fn code(mut child: Child) -> i32 {
    let status = child.wait().expect("the program can be waited for");
    status.code().unwrap_or_else(|| panic!("the program was ended by a signal: {status}"))
}
