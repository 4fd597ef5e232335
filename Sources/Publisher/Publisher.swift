// Publisher
