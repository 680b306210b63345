// All messages that come and go, as protoc makes them of proto/. The services are not among its code: they are served generically
// (server.h), and reflection reads what they are from their descriptions.
#pragma once

#include "delay/delay.pb.h"
#include "echo/echo.pb.h"
#include "env/env.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "header/header.pb.h"
#include "info/info.pb.h"
#include "panic/panic.pb.h"
#include "status/status.pb.h"
#include "token/token.pb.h"
#include "version/version.pb.h"
