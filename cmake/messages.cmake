# One call makes a library of a folder of .proto files: <path>.proto is included as "<path>.pb.h".
#
#   pds_messages(podinfo_messages podinfo/grpc/proto)
#
# What protoc writes is compiled as one file, which takes a fifth of the time, and as it comes: neither warned about nor optimised much.
function(pds_messages name folder)
  set(root ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
  set(out ${CMAKE_BINARY_DIR}/messages/${name})
  file(GLOB_RECURSE protos CONFIGURE_DEPENDS RELATIVE ${root} ${root}/*.proto)
  set(includes)
  set(sources)
  set(generated)
  foreach(proto ${protos})
    string(REGEX REPLACE "\\.proto$" "" path ${proto})
    string(MAKE_C_IDENTIFIER ${path} id)
    list(APPEND generated ${out}/${path}.pb.h ${out}/${path}.pb.cc)
    string(APPEND includes "#include \"${path}.pb.h\"\n")
    # Two names that protoc gives in every file.
    string(APPEND sources "#define schemas ${id}_schemas\n#define file_default_instances ${id}_default_instances\n"
                          "#include \"${path}.pb.cc\"\n#undef schemas\n#undef file_default_instances\n")
  endforeach()
  file(CONFIGURE OUTPUT ${out}/all.cc CONTENT "${includes}${sources}" @ONLY)
  list(TRANSFORM protos PREPEND ${root}/ OUTPUT_VARIABLE inputs)
  add_custom_command(OUTPUT ${generated} COMMAND ${PROTOC} -I${root} --cpp_out=${out} ${protos} DEPENDS ${inputs} VERBATIM)
  set_source_files_properties(${out}/all.cc PROPERTIES COMPILE_OPTIONS "-w;-O1" OBJECT_DEPENDS "${generated}")
  add_library(${name} STATIC ${out}/all.cc ${generated})
  set_source_files_properties(${generated} PROPERTIES HEADER_FILE_ONLY ON)
  target_include_directories(${name} SYSTEM PUBLIC ${out})
endfunction()
