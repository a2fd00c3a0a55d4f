//! The `playground` command; everything is in the library.

fn main() -> std::process::ExitCode {
    playground::cli::main()
}
