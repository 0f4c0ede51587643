//! Where a twoba session lives: store and lease contracts, the drive loops, memory and file stores.
