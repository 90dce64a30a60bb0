//! The `wenyuan` program; see `wenyuan --help`.

/// Short documents are many small allocations on many threads; the system's allocator asks the kernel for each page.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    wenyuan::cli::main()
}
