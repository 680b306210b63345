// Container images as functions and instances use them: a verified, read-only root filesystem and how to start it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/task.h"

namespace pds::cloud {

struct ContainerImage {
  std::string digest;                       // sha256:... of the manifest
  std::string rootfs;                       // directory on this machine, read-only, shared by all who run this image
  std::vector<std::string> entrypoint, command;
  std::map<std::string, std::string> environment;
  std::string working_directory;
  std::string user;                         // "65532", "65532:65532" or a name in the image's /etc/passwd
};

class ImageSource {
 public:
  virtual ~ImageSource() = default;
  // "<account>.dkr.ecr.<region>.localhost:4566/<repository>@sha256:..." or :tag, also with .amazonaws.com. Unpacks on first use.
  // Errors: ImageNotFoundException, RepositoryNotFoundException, and what unpacking found wrong.
  virtual io::Task<Result<ContainerImage>> resolve(const std::string& image_uri) = 0;
};

}  // namespace pds::cloud
