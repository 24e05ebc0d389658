use burn::module::Module;
use burn::tensor::{Device, Distribution, Tensor};
use supcon_protocol::{EncoderName, HeadConfig, HeadKind, Network, Stem};
use supcon_train::model::{Encoder, Initializer, Pass, ProjectionHead, absorb, cost, feature_len};

fn encoder(network: impl Into<Network>, device: &Device) -> Encoder {
    Encoder::new(network.into(), &mut Initializer::new(0, 0, device))
}

/// Published: He et al. 2016, table 6 (0.27 M for ResNet-20); kuangliu/pytorch-cifar's networks less
/// their classifiers (11 173 962 − 5 130, 21 282 122 − 5 130, 23 520 842 − 20 490,
/// 42 512 970 − 20 490) and their 0.56, 1.16, 1.30, 2.52 G multiply-adds.
#[test]
fn costs_are_the_published_ones() {
    let expected = [
        (EncoderName::Resnet18, 11_168_832, 0.56),
        (EncoderName::Resnet34, 21_276_992, 1.16),
        (EncoderName::Resnet50, 23_500_352, 1.30),
        (EncoderName::Resnet101, 42_492_480, 2.52),
    ];
    for (name, parameters, giga) in expected {
        let cost = cost(name.into(), 32);
        assert_eq!(cost.parameters, parameters, "{name}");
        let found = cost.multiply_adds as f64 / 1e9;
        assert!(
            (found / giga - 1.0).abs() < 0.01,
            "{name}: {found} G multiply-adds"
        );
    }
    let resnet20 = cost(EncoderName::Resnet20.into(), 32).parameters as f64 / 1e6;
    assert!((resnet20 - 0.27).abs() < 0.005, "{resnet20} M");
    let tiny = cost(EncoderName::Tiny.into(), 32).multiply_adds as f64 / 1e6;
    assert!((0.8..1.2).contains(&tiny), "{tiny} M");
}

/// torchvision's networks less their classifiers (2 049 000, or 513 000 for 18 and 34) and its
/// figures of multiply-adds at 224 pixels; ResNet-200: timm's 64 673 832 parameters and 15.07 G (timm
/// counts more than convolutions); widths: SimCLR (Chen et al. 2020), 94 M and 375 M.
#[test]
fn costs_with_the_imagenet_stem_are_torchvisions() {
    let imagenet = |encoder, width| Network {
        encoder,
        stem: Stem::Imagenet,
        width,
    };
    for (encoder, parameters, giga) in [
        (EncoderName::Resnet18, 11_689_512 - 513_000, 1.814),
        (EncoderName::Resnet34, 21_797_672 - 513_000, 3.664),
        (EncoderName::Resnet50, 25_557_032 - 2_049_000, 4.089),
        (EncoderName::Resnet101, 44_549_160 - 2_049_000, 7.801),
        (EncoderName::Resnet152, 60_192_808 - 2_049_000, 11.514),
        (EncoderName::Resnet200, 64_673_832 - 2_049_000, 15.07),
    ] {
        let cost = cost(imagenet(encoder, 1), 224);
        assert_eq!(cost.parameters, parameters, "{encoder}");
        let found = cost.multiply_adds as f64 / 1e9;
        assert!(
            (found / giga - 1.0).abs() < 0.005,
            "{encoder}: {found} G multiply-adds"
        );
    }
    for (width, millions) in [(2, 94.0), (4, 375.0)] {
        let found = cost(imagenet(EncoderName::Resnet50, width), 224).parameters as f64 / 1e6;
        assert!((found / millions - 1.0).abs() < 0.01, "{width}×: {found} M");
    }
}

/// Every stem, side and width that a configuration may name makes features of the stated length, and
/// its gradients reach the first convolution.
#[test]
fn stems_sides_and_widths_run_forward_and_backward() {
    let device = Device::flex().autodiff();
    for (encoder, stem, width, side) in [
        (EncoderName::Tiny, Stem::Cifar, 1, 8),
        (EncoderName::Resnet8, Stem::Cifar, 1, 45),
        (EncoderName::Resnet18, Stem::Imagenet, 1, 8),
        (EncoderName::Resnet18, Stem::Imagenet, 1, 33),
        (EncoderName::Resnet18, Stem::Imagenet, 2, 64),
        (EncoderName::Resnet18, Stem::Cifar, 1, 16),
        (EncoderName::Resnet50, Stem::Imagenet, 1, 32),
    ] {
        let network = Network {
            encoder,
            stem,
            width,
        };
        let model = self::encoder(network, &device);
        let images =
            Tensor::<4>::random([2, 3, side, side], Distribution::Default, &device).require_grad();
        let features = model.forward(images.clone(), &mut Pass::training());
        assert_eq!(features.dims(), [2, feature_len(network)], "{network}");
        let gradients = (features.clone() * features).sum().backward();
        let gradient = images.grad(&gradients).expect("reaches the images");
        let largest: f32 = gradient.abs().max().into_scalar();
        assert!(largest.is_finite() && largest > 0.0, "{network}: {largest}");
    }
}

/// SimCLR's head in Google's release: 2048, 2048, 128 with batch normalisation after each.
#[test]
fn a_head_may_have_several_hidden_layers() {
    let device = Device::flex();
    let config = HeadConfig {
        kind: HeadKind::MlpBn,
        hidden: 24,
        hidden_layers: 2,
        out: 5,
    };
    let head = ProjectionHead::new(&config, 8, &mut Initializer::new(0, 1, &device));
    let linear = (8 + 1) * 24 + (24 + 1) * 24 + (24 + 1) * 5;
    let norms = 4 * (24 + 24 + 5);
    assert_eq!(head.num_params(), linear + norms);
    let z = head.forward(
        Tensor::random([6, 8], Distribution::Default, &device),
        &mut Pass::training(),
    );
    assert_eq!(z.dims(), [6, 5]);
}

#[test]
fn networks_have_the_parameters_they_state() {
    let device = Device::flex();
    for name in EncoderName::ALL {
        if cost(name.into(), 32).parameters > 12_000_000 {
            continue; // The large ones are the same code; their layers would only fill memory.
        }
        let network = encoder(name, &device);
        let running: usize = running_statistics(&network);
        assert_eq!(
            (network.num_params() - running) as u64,
            cost(name.into(), 32).parameters,
            "{name}"
        );
        let images = Tensor::<4>::zeros([2, 3, 32, 32], &device);
        let features = network.forward(images, &mut Pass::evaluation());
        assert_eq!(features.dims(), [2, feature_len(name.into())], "{name}");
    }
}

/// Two numbers a channel, as many as scale and shift.
fn running_statistics(network: &Encoder) -> usize {
    let tensors = supcon_train::StateTensors::of(network);
    let tensors = pollster::block_on(tensors.to_host()).expect("host");
    tensors
        .iter()
        .filter(|(name, _)| name.contains("running"))
        .map(|(_, tensor)| tensor.values.len())
        .sum()
}

/// Named after Burn 0.22.1's record bug: the last update of the running statistics went missing.
#[test]
fn records_hold_the_last_update_of_running_statistics() {
    let device = Device::flex().autodiff();
    let mut network = encoder(EncoderName::Tiny, &device);
    for _ in 0..3 {
        let mut pass = Pass::training();
        let images = Tensor::<4>::random([8, 3, 32, 32], Distribution::Normal(0.5, 2.0), &device);
        let _ = network.forward(images, &mut pass);
        network = absorb(network, pass);
    }
    let host =
        pollster::block_on(supcon_train::StateTensors::of(&network).to_host()).expect("host");
    // Into a network that has run forward already: Burn's own would overwrite what is loaded.
    let mut used = encoder(EncoderName::Tiny, &device);
    let mut pass = Pass::training();
    let _ = used.forward(Tensor::<4>::ones([8, 3, 32, 32], &device), &mut pass);
    used = absorb(used, pass);
    let loaded = supcon_train::StateTensors::from_host(host, &device)
        .load_into(used)
        .expect("fits");
    let probe = Tensor::<4>::random(
        [4, 3, 32, 32],
        Distribution::Default,
        &device.clone().inner(),
    );
    let features = |network: &Encoder| {
        let features = network
            .valid()
            .forward(probe.clone(), &mut Pass::evaluation());
        features.into_data().try_to_vec::<f32>().expect("f32")
    };
    assert_eq!(features(&network), features(&loaded));
}

/// Named after Burn 0.22.1's shared running statistics: a momentum encoder must not move with its
/// model.
#[test]
fn a_clone_is_a_copy_with_statistics_of_its_own() {
    let device = Device::flex().autodiff();
    let network = encoder(EncoderName::Tiny, &device);
    let copy = network.clone();
    let before = pollster::block_on(supcon_train::StateTensors::of(&copy).to_host()).expect("host");
    let mut pass = Pass::training();
    let _ = network.forward(Tensor::<4>::ones([8, 3, 32, 32], &device), &mut pass);
    let _moved = absorb(network, pass);
    let after = pollster::block_on(supcon_train::StateTensors::of(&copy).to_host()).expect("host");
    assert_eq!(before, after);
}

#[test]
fn initial_weights_are_the_seeds() {
    let weights = |seed| {
        let network = Encoder::new(
            EncoderName::Tiny.into(),
            &mut Initializer::new(seed, 0, &Device::flex()),
        );
        pollster::block_on(supcon_train::StateTensors::of(&network).to_host()).expect("host")
    };
    assert_eq!(weights(1), weights(1));
    assert_ne!(weights(1), weights(2));
}

/// The linear stage and every evaluation see the encoder through this pass alone.
#[test]
fn an_evaluation_pass_leaves_running_statistics_bit_identical() {
    let device = Device::flex().autodiff();
    let images = || Tensor::<4>::random([8, 3, 32, 32], Distribution::Normal(0.5, 2.0), &device);
    let mut pass = Pass::training();
    let network = encoder(EncoderName::Tiny, &device);
    let _ = network.forward(images(), &mut pass);
    let network = absorb(network, pass);
    let state = |network: &Encoder| {
        pollster::block_on(supcon_train::StateTensors::of(network).to_host()).expect("host")
    };
    let before = state(&network);
    let mut pass = Pass::evaluation();
    let first = network.forward(images(), &mut pass);
    let _ = first.sum().backward();
    // Even where somebody absorbs what such a pass hands out.
    let network = absorb(network, pass);
    assert_eq!(state(&network), before);
    let mut pass = Pass::training();
    let _ = network.forward(images(), &mut pass);
    let moved = absorb(network, pass);
    assert_ne!(state(&moved), before, "the test can fail");
}
