// Which files of a repository are wanted.
//
// Of a model: config.json, generation_config.json, the tokeniser's files, and model.safetensors or its shards
// with their index; nothing in other formats.
//
// Of a data set, those of a kind that can be read (records/format.h), without hidden ones and descriptions:
//   hub://O/N          the files whose path holds the word `train`, where there are any; else all of them
//   hub://O/N/FOLDER   the same, of what is below the folder
//   hub://O/N/FILE     that file
//   hub://O/N/GLOB     what matches: `*` and `?` within one part of a path, `**` for any folders
// The first two must come to one folder and one kind of file: which of several is meant, only the user knows.
#pragma once

#include <string>
#include <vector>

#include "hub/hub.h"
#include "hub/repository.h"

namespace peft::host {

// `files` sorted by path, as `selected` will be. Throws `peft::UsageError` saying what was looked for and
// what there is.
std::vector<HubFile> select_files(const std::vector<HubFile>& files, const HubAddress& address,
                                  HubContent content);

// Of a snapshot whose repository cannot be asked: throws `peft::Error` where the names of shards
// (`x-00001-of-00003.parquet`) tell that some are not there.
void check_shards(const std::vector<HubFile>& files);

}  // namespace peft::host
