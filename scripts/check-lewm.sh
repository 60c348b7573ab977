#!/usr/bin/env bash
# A LeWM of the unmodified stable_worldmodel (random weights, published architecture) as a guest: both kinds of checkpoint file become
# the same model folder, a metric head is trained on its frozen latents, and the runtime plans with it. Some minutes.
# PYTHON names an environment that has what is installed below; by default one is made.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=${PYTHON:-}
if [ -z "$python" ]; then
  python3 -m venv "$folder/python"
  # Its package imports more than it says: pictures, games and mazes.
  "$folder/python/bin/pip" install --quiet --disable-pip-version-check -e scripts/train stable-worldmodel==0.1.1 \
    transformers==5.23.0 hydra-core==1.3.2 imageio opencv-python-headless pygame pymunk shapely minigrid
  python=$folder/python/bin/python
fi
with() { PYTHONPATH=scripts/train PYTHONWARNINGS=ignore "$python" scripts/peers/with_torchvision.py "$@"; }

npm run build --silent
node dist/src/cli/main.js collect two-room --episodes 6 --steps 40 --jobs 2 --out "$folder/data.h5"
with scripts/peers/lewm_checkpoints.py "$folder/checkpoints" --action 10
export() { # NAME FLAGS…
  local name=$1
  shift
  with -m jepilot_train.lewm scripts/train/configs/lewm.toml --data "$folder/data.h5" --work "$folder/work-$name" --out "$folder/$name" "$@"
}
export whole --checkpoint "$folder/checkpoints/whole_object.ckpt"
export weights --checkpoint "$folder/checkpoints/checkpoints/weights"
for graph in encoder step action window; do
  cmp "$folder/whole/$graph.onnx" "$folder/weights/$graph.onnx"
done
echo "a whole model and weights beside their config.json give the same graphs"
export head --checkpoint "$folder/checkpoints/whole_object.ckpt" --set metric.kind=embedding --set metric.steps=50
for model in weights head; do
  JEPILOT_MODEL="$folder/$model" npx vitest run tests/contracts/models.test.ts -t 'JEPILOT_MODEL'
  node dist/src/cli/main.js eval two-room --model "$folder/$model" --episodes 1 --planner cem --samples 16 --iterations 2
done
