// What `pds agent` does on an instance; the CLI parses, these act. Messages go to standard error.
#pragma once

#include <map>
#include <string>

#include "agent/container.h"
#include "aws/client.h"

namespace pds::agent {

// `pds agent run`: the agent and the supervisor, until SIGTERM. Containers stay: the next start takes them over.
io::Task<Result<void>> run_agent(io::Loop& loop, const Logger& log, aws::EnvironmentReader environment);

struct RunContainer {
  std::string image;  // registry/repository@sha256:...
  std::string name;
  int port = 0;
  std::map<std::string, std::string> environment;
  std::string trusted_key;  // a PEM file, usually the bundle's trusted.pub
  std::string directory = containers_directory;
  std::string images = "/var/lib/pds-agent/images";
};
// Verifies the signature, pulls, unpacks, and writes the record; the agent starts it. E_IMAGE_REFUSED changes nothing.
io::Task<Result<void>> run_container(io::Loop& loop, RunContainer request, aws::EnvironmentReader environment);

// The record goes; returns when the container has ended, or E_TIMEOUT.
io::Task<Result<void>> stop_container(io::Loop& loop, std::string name, Duration timeout,
                                      std::string directory = containers_directory);

// Until http://127.0.0.1:<port><path> has answered 2xx; E_TIMEOUT names the last answer.
io::Task<Result<void>> wait_healthy(io::Loop& loop, int port, std::string path, Duration timeout);

}  // namespace pds::agent
