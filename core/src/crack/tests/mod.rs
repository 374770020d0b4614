//! What is enciphered here is opened again, and nothing else is.

mod speed;
