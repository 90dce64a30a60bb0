//! Lets the program be built with or without its web interface, and anew when that changes.

fn main() {
    // An empty folder stands for "not built": cargo would otherwise rerun this script, and so rebuild, every time.
    let folder = "web/dist";
    if let Err(error) = std::fs::create_dir_all(folder) {
        println!("cargo:warning={folder} cannot be made ({error}); the web interface is left out");
    }
    println!("cargo:rerun-if-changed={folder}");
}
