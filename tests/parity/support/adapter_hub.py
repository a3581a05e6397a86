"""AdapterHub's library, `adapters`, which needs an older transformers and so a Python of its own.

  adapter_hub.py load WEIGHTS ADAPTER IDS.json LOGITS.safetensors            the logits of a model with a saved adapter
  adapter_hub.py save WEIGHTS ADAPTER IDS.json LOGITS.safetensors CONFIG.json   makes that adapter, all of it random
"""

import json
import sys
from pathlib import Path

import adapters
import torch
from safetensors.torch import save_file
from transformers import GPT2LMHeadModel

KINDS = {"pfeiffer": adapters.SeqBnConfig, "houlsby": adapters.DoubleSeqBnConfig, "parallel": adapters.ParBnConfig}


def main():
    verb, weights, folder, ids, output, *config = sys.argv[1:]
    torch.manual_seed(5)
    model = GPT2LMHeadModel.from_pretrained(weights, dtype=torch.float32, attn_implementation="eager")
    adapters.init(model)
    if verb == "save":
        options = json.loads(Path(config[0]).read_text())
        model.add_adapter("theirs", config=KINDS[options.pop("kind")](**options))
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if ".adapters.theirs." in name:
                    parameter.normal_(0.0, 0.1)
        model.save_adapter(folder, "theirs", with_head=False, use_safetensors=True)
        name = "theirs"
    else:
        name = model.load_adapter(folder, with_head=False, use_safetensors=True)
    model.set_active_adapters(name)
    model.eval()
    with torch.no_grad():
        rows = [model(torch.tensor([sequence])).logits[0] for sequence in json.loads(Path(ids).read_text())]
    save_file({"logits": torch.cat(rows)}, output)


if __name__ == "__main__":
    main()
