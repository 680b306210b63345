#include "podinfo/main.h"

extern char** environ;

int main(int argc, char** argv) { return pds::podinfo::run_main(argc, argv, environ); }
