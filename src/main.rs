//! The `wenyuan` program; see `wenyuan --help`.

fn main() -> std::process::ExitCode {
    wenyuan::cli::main()
}
