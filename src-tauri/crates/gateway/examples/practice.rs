//! Serves the practice model by itself: `cargo run -p gateway --example practice -- [port] [seed]`.
#![allow(clippy::print_stdout)]

use gateway::practice::{PracticeOptions, PracticeServer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(8099), |port| port.parse())?;
    let seed = arguments.next().map_or(Ok(0), |seed| seed.parse())?;
    let server = PracticeServer::start(PracticeOptions { port, seed }).await?;
    println!("OPENAI_BASE_URL={}", server.base_url());
    tokio::signal::ctrl_c().await?;
    server.shutdown().await;
    Ok(())
}
