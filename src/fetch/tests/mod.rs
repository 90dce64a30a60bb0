mod addresses;
mod hops;
