// Ends before it ever answers a ping.
process.exit(1);
