# kaizodo for nix: `nix run "github:OWNER_/kaizodo?dir=packaging" -- doctor`. Name and version are read from Cargo.toml.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs =
    { self, nixpkgs }:
    let
      manifest = (builtins.fromTOML (builtins.readFile ../Cargo.toml)).package;
      systems = [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-darwin"
        "x86_64-linux"
      ];
      forEach = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      kaizodo =
        pkgs:
        pkgs.rustPlatform.buildRustPackage {
          pname = manifest.name;
          version = manifest.version;
          src = ../.;
          cargoLock.lockFile = ../Cargo.lock;
          # The tests start editors, browsers and servers.
          doCheck = false;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = ''
            for shell in bash fish zsh; do
              $out/bin/kaizodo completions $shell > kaizodo.$shell
            done
            installShellCompletion kaizodo.{bash,fish,zsh}
            $out/bin/kaizodo man > kaizodo.1
            installManPage kaizodo.1
          '';
          meta = {
            description = manifest.description;
            homepage = manifest.repository;
            license = [
              nixpkgs.lib.licenses.asl20
              nixpkgs.lib.licenses.mit
            ];
            mainProgram = manifest.name;
          };
        };
    in
    {
      packages = forEach (pkgs: {
        default = kaizodo pkgs;
      });
      overlays.default = final: _: { kaizodo = kaizodo final; };
      devShells = forEach (pkgs: {
        default = pkgs.mkShell { inputsFrom = [ (kaizodo pkgs) ]; };
      });
    };
}
